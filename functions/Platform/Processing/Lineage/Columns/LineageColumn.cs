namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>A column that a step or refresh writes.</summary>
/// <param name="Inputs">What it comes from, as far as it is known and the caller may read it.</param>
/// <param name="Unknown">Why it may come from other columns too; null when these are all.</param>
public sealed record LineageColumn(string Name, IReadOnlyList<LineageInput> Inputs, string? Unknown);
