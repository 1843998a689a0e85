namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Tells which rows of a batch are still in quarantine.</summary>
/// <param name="taken">Those that left it.</param>
/// <param name="none">All that were left were dismissed.</param>
internal sealed class OpenRows(IReadOnlyList<RowSet> taken, bool none)
{
    public bool Contains(long row)
    {
        if (none)
            return false;
        foreach (var set in taken)
        {
            if (set.Contains(row))
                return false;
        }

        return true;
    }
}
