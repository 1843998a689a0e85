namespace DataPlatform.Ingestion.Preview;

/// <summary>What becomes of a row.</summary>
internal enum RowFate
{
    Loads,
    Quarantined,

    /// <summary>Discarded, or a duplicate.</summary>
    LeftOut,
}
