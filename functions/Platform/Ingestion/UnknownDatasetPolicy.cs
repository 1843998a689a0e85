namespace DataPlatform.Ingestion;

/// <summary>What becomes of batches for datasets that nobody has defined.</summary>
public enum UnknownDatasetPolicy
{
    /// <summary>They are refused: 404.</summary>
    Freeze,

    /// <summary>The first one makes the dataset: its contract is inferred from the beginning of the batch.</summary>
    Evolve,
}
