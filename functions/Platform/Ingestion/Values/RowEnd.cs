namespace DataPlatform.Ingestion.Values;

/// <summary>What becomes of a row that nothing was wrong with so far.</summary>
internal enum RowEnd
{
    Load,
    Quarantine,
    Discard,
    Duplicate,
}
