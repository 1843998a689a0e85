namespace DataPlatform.Ingestion.Preview;

/// <summary>A batch that cannot be replayed.</summary>
public sealed record SkippedBatch(string Id, string Reason);
