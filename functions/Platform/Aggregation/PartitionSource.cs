using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>A column of a mart's source whose values tell in which partitions a row can be: the dimension is the column itself, or the column cut down to a grain.</summary>
/// <param name="Column">Of the source.</param>
/// <param name="Dimension">One of the partition's.</param>
/// <param name="Grain">What the dimension's values are the beginnings of; null when they are the column's own.</param>
internal sealed record PartitionSource(TableColumn Column, string Dimension, TimeGrain? Grain)
{
    /// <summary>The first of the mart's partition dimensions that is made so; null when none is.</summary>
    public static async Task<PartitionSource?> FindAsync(SqlInspector inspector, MartDefinition mart, Snapshot source, CancellationToken cancellationToken)
    {
        foreach (var name in mart.PartitionBy)
        {
            var dimension = mart.Dimensions.First(dimension => dimension.Name == name);
            var (column, grain) = dimension.Sql is null
                ? (dimension.Name, null)
                : Read((await inspector.ParseExpressionAsync(dimension.Sql, "$.dimensions", cancellationToken)).Tree);
            var stored = source.Columns.FirstOrDefault(known => string.Equals(known.Name, column, StringComparison.OrdinalIgnoreCase));

            // One cut inside another need not begin where that begins: weeks of months do not.
            if (dimension.Grain is not null && grain is not (null or TimeGrain.Day))
                continue;
            grain = dimension.Grain ?? grain;
            if (stored is not null && (grain is null ? HasRanges(stored.Type) : stored.Type is "date" or "timestamp"))
                return new PartitionSource(stored, name, grain);
        }

        return null;
    }

    private static bool HasRanges(string type) =>
        type is "byte" or "short" or "integer" or "long" or "string" or "date" or "timestamp" || type.StartsWith("decimal(", StringComparison.Ordinal);

    /// <summary><c>column</c>, <c>CAST(column AS DATE)</c> or <c>date_trunc('month', column)</c>.</summary>
    private static (string? Column, TimeGrain? Grain) Read(JsonElement tree) => QueryTree.Text(tree, "class") switch
    {
        "COLUMN_REF" => (NameOf(tree), null),
        "CAST" when QueryTree.Text(tree.GetProperty("cast_type"), "id") == "DATE" => (NameOf(tree.GetProperty("child")), TimeGrain.Day),
        "FUNCTION" when QueryTree.Is(QueryTree.Text(tree, "function_name"), "date_trunc") && QueryTree.Items(tree, "children") is [var unit, var column]
            && QueryTree.Text(unit, "class") == "CONSTANT" && EnumNames.TryParse<TimeGrain>(QueryTree.Text(unit.GetProperty("value"), "value"), out var grain) => (NameOf(column), grain),
        _ => (null, null),
    };

    private static string? NameOf(JsonElement tree) => QueryTree.ColumnOf(tree) is [var name] ? name : null;
}
