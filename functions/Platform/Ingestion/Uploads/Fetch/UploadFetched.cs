using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>What came of a stretch of fetching.</summary>
/// <param name="IsComplete">There is no more to fetch.</param>
/// <param name="Error">A failure that repeating would not mend; null when all went well.</param>
public sealed record UploadFetched(bool IsComplete, RunFailure? Error);
