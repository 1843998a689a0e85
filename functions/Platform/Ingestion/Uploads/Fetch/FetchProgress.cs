namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <param name="Checkpoint">To be kept for the next process.</param>
/// <param name="Bytes">Received so far, also those that are not yet in a part.</param>
public sealed record FetchProgress(FetchCheckpoint Checkpoint, long Bytes);
