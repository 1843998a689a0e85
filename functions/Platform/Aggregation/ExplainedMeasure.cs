namespace DataPlatform.Aggregation;

/// <summary>A measure of an explained row.</summary>
/// <param name="Sql">What it is computed by.</param>
/// <param name="Value">As text; null for none.</param>
public sealed record ExplainedMeasure(string Name, string Sql, string? Value);
