using DataPlatform.Catalog;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;

namespace DataPlatform.Serving.Dashboards;

/// <summary>What tiles ask of their marts, as queries that every door could get.</summary>
internal static class TileQuery
{
    private static readonly QueryParser Parser = new(QueryLimits.Default);

    /// <summary>The tile's rows.</summary>
    /// <exception cref="Failures.TerminalException">400 for what the mart's version has not, or cannot add up.</exception>
    public static TableQuery Rows(PinnedTable mart, TileDefinition tile) => mart.Parse(Parser, new QueryText(
        OrderBy: tile.OrderBy,
        Top: tile.Top?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Apply: string.Concat(tile.Filter is null ? "" : $"filter({tile.Filter})/", tile.Compute is null ? "" : $"compute({tile.Compute})/", Groups(tile.GroupBy, tile.Measures))));

    /// <summary>A tile's measures over the time.</summary>
    public static TableQuery Trend(PinnedTable mart, TileDefinition tile, string dimension) => mart.Parse(Parser, new QueryText(
        Filter: $"{dimension} ne null",
        Apply: (tile.Filter is null ? "" : $"filter({tile.Filter})/") + Groups([dimension], tile.Measures)));

    /// <summary>The values of a dimension.</summary>
    public static TableQuery Values(PinnedTable mart, string dimension) => mart.Parse(Parser, new QueryText(Apply: $"groupby(({dimension}))"));

    /// <summary>The same for so many rows, and one to see whether there are more.</summary>
    public static TableQuery UpTo(TableQuery query, int most) => query.Top is { } top && top <= most ? query : query with { Top = most + 1L };

    private static string Groups(IReadOnlyList<string> groups, IReadOnlyList<string> measures) => groups.Count == 0
        ? $"aggregate({string.Join(',', measures)})"
        : $"groupby(({string.Join(',', groups)}),aggregate({string.Join(',', measures)}))";
}
