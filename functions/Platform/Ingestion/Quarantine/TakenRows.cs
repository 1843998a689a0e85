namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Rows that left a batch's quarantine with one commit.</summary>
/// <param name="Batch">Whose quarantine.</param>
/// <param name="Id">Of the replayed batch, or of the dismissal.</param>
/// <param name="IsReplay">Replayed; else dismissed.</param>
/// <param name="Count">How many.</param>
/// <param name="Ranges">Which, as <see cref="RowSet"/> writes them; null when they lie in <paramref name="Object"/>, and when they are all that
/// were open.</param>
/// <param name="Object">Path of the object that says which.</param>
/// <param name="Reason">Why they were dismissed.</param>
/// <param name="TableVersion">Of the commit.</param>
public sealed record TakenRows(
    string Batch, string Id, bool IsReplay, long Count, string? Ranges, string? Object, string? Reason, long TableVersion, DateTimeOffset At)
{
    /// <summary>All rows that were open.</summary>
    public bool IsAll => Ranges is null && Object is null;
}
