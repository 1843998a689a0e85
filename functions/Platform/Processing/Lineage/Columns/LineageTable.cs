using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>A table of an answer.</summary>
/// <param name="Distance">Steps from the table that was asked about: below 0 upstream, above 0 downstream.</param>
/// <param name="Columns">Of a column's lineage: those that belong to it.</param>
public sealed record LineageTable(string Name, TableKind Kind, int Distance, IReadOnlyList<string>? Columns);
