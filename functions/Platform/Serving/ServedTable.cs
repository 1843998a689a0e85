using System.Runtime.CompilerServices;
using DataPlatform.Catalog;
using DataPlatform.Tables;

namespace DataPlatform.Serving;

/// <summary>A table as a door shows it.</summary>
/// <param name="DefinitionVersion">Of the document that makes it; 0 when none does directly.</param>
/// <param name="Key">Names of the columns that identify a row; empty when none are known.</param>
/// <param name="Remedy">What to do when there is no data yet.</param>
public sealed record ServedTable(TableName Name, long DefinitionVersion, IReadOnlyList<string> Key, string Remedy)
{
    private static readonly ConditionalWeakTable<IReadOnlyList<TableColumn>, IReadOnlyList<TableColumn>> MartColumns = [];

    /// <summary>Of a mart: what its measures are.</summary>
    public MartDefinition? Mart { get; init; }

    /// <summary>The columns that may be asked for by name: those of a version without what marts store for their measures. The same list each time, for the
    /// same snapshot.</summary>
    public IReadOnlyList<TableColumn> ColumnsOf(Snapshot snapshot) => Name.Kind is not TableKind.Mart
        ? snapshot.Columns
        : MartColumns.GetValue(snapshot.Columns, static columns => [.. columns.Where(column => !MeasureStorage.IsHidden(column.Name))]);
}
