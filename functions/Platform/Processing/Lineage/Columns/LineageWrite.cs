namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>A step or refresh that writes a table.</summary>
/// <param name="Pipeline">Null for a mart's refresh, and for what the caller may not read.</param>
/// <param name="Sources">The tables it reads.</param>
/// <param name="Columns">Null when they were not asked for.</param>
/// <param name="Rows">What decides which rows there are, for all columns alike; null when columns were not asked for.</param>
/// <param name="Unknown">What is not known besides, and why: columns that are not listed, what decides about rows.</param>
public sealed record LineageWrite(
    string Target,
    string? Pipeline,
    string? Step,
    IReadOnlyList<string> Sources,
    IReadOnlyList<LineageColumn>? Columns,
    IReadOnlyList<LineageInput>? Rows,
    string? Unknown);
