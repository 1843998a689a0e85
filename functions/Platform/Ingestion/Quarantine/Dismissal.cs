namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Rows that were given up.</summary>
/// <param name="Dismissed">How many.</param>
/// <param name="Batches">Of how many batches.</param>
/// <param name="TableVersion">Of the commit that says so; null when there was nothing to dismiss.</param>
public sealed record Dismissal(string Id, string Dataset, string Reason, long Dismissed = 0, int Batches = 0, long? TableVersion = null)
{
    /// <summary>The table's version before the first try: the commit is behind it.</summary>
    internal const long Unknown = -1;

    /// <summary>Names its commit in the log.</summary>
    internal string Operation => $"dismissal/{Id}";

    /// <summary>The table's version when it was asked for.</summary>
    public long Since { get; init; } = Unknown;

    /// <summary>Whether it is done.</summary>
    public bool HasEnded { get; init; }
}
