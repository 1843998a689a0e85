namespace DataPlatform.Ingestion.Proof;

/// <summary>Batches whose commits the table's log does not have any more.</summary>
/// <param name="UpToVersion">The last version that is gone.</param>
public sealed record NotProvable(long Batches, long Received, long UpToVersion, string Message);
