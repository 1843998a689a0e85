namespace DataPlatform.Ingestion.Expressions;

/// <summary>A row with a column of each type.</summary>
internal sealed record SampleRow(
    int? I, long? L, double? F, decimal? D, decimal? W, string? S, string? T, bool? B, int? Day, long? Micros);
