namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>A column that another one comes from.</summary>
public sealed record LineageInput(string Table, string Column, IReadOnlyList<LineageTransformation> Transformations);
