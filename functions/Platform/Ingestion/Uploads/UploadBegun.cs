using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>What the orchestration of an upload learns at first.</summary>
/// <param name="HasEnded">There is nothing to do any more.</param>
/// <param name="Error">A failure that repeating would not mend; null when all went well.</param>
public sealed record UploadBegun(UploadOrigin Origin, bool HasEnded, RunFailure? Error);
