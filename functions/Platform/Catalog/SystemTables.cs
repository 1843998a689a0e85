using DataPlatform.Tables;

namespace DataPlatform.Catalog;

/// <summary>Tables that the platform itself writes. Their names start with <c>_</c>, which no other table's can.</summary>
public static class SystemTables
{
    /// <summary>How expectations of pipelines turned out: a row for each, step and run.</summary>
    public static readonly TableName Quality = new(TableKind.Warehouse, "_quality");

    public static IReadOnlyList<TableName> All { get; } = [Quality];
}
