namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A row that a cause keeps in quarantine.</summary>
/// <param name="Batch">Its batch's id.</param>
/// <param name="Row">Its number in the batch, from 1.</param>
/// <param name="Line">In the file, from 1; null where the format has no lines.</param>
/// <param name="Value">As it came, cut off; null where there is none or it may not be shown.</param>
public sealed record CauseExample(string Batch, long Row, long? Line, string? Value);
