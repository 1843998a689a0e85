namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Rows that a commit takes out of a batch's quarantine for good, as the log keeps them.</summary>
/// <param name="Id">Of the dismissal.</param>
/// <param name="Batch">Whose quarantine.</param>
/// <param name="Ranges">Which rows, as <see cref="RowSet"/> writes them; null when they lie in <paramref name="Object"/>, and when they are all that
/// were open.</param>
/// <param name="Object">Path of the object that says which.</param>
public sealed record DismissedRows(string Id, string Batch, long Count, string? Ranges, string? Object, string Reason, string Caller);
