namespace DataPlatform.Ingestion.Proof;

/// <summary>Something that does not balance.</summary>
/// <param name="Batch">Null when it cannot be told of which.</param>
/// <param name="Message">Without row data.</param>
public sealed record ProofDifference(string? Batch, long? TableVersion, string Message);
