namespace DataPlatform.Ingestion.Values;

/// <summary>One thing wrong with a row.</summary>
/// <param name="Column">The input's name of the column; null when the row as a whole is broken.</param>
/// <param name="Value">The value as it came, cut off at 256 characters; null when there is none.</param>
public sealed record RowError(string? Column, RowRule Rule, string Message, string? Value = null);
