namespace DataPlatform.Ingestion.Preview;

/// <summary>Why rows would go to quarantine.</summary>
/// <param name="Column">The input's name; null when rows as a whole are broken.</param>
/// <param name="Rule">In snake_case.</param>
/// <param name="Errors">How often; a row may have several errors.</param>
public sealed record PreviewCause(string? Column, string Rule, long Errors);
