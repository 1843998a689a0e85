namespace DataPlatform.Ingestion.Preview;

/// <summary>One thing wrong with a row, as the quarantine tells it.</summary>
/// <param name="Column">The input's name; null when the row as a whole is broken.</param>
/// <param name="Rule">In snake_case.</param>
internal sealed record BrokenValue(string? Column, string Rule, string Message, string? Value);
