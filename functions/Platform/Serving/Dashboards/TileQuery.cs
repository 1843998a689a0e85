using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;

namespace DataPlatform.Serving.Dashboards;

/// <summary>What tiles ask of their marts, as queries that every door could get.</summary>
internal static class TileQuery
{
    private static readonly QueryParser Parser = new(QueryLimits.Default);

    /// <summary>The tile's rows.</summary>
    /// <exception cref="TerminalException">400 for what the mart's version has not, or cannot add up.</exception>
    public static TableQuery Rows(PinnedTable mart, TileDefinition tile) => mart.Parse(Parser, TextOf(tile));

    /// <summary>What is wrong with the tile's expressions over a version of its mart.</summary>
    /// <returns>The member at fault and what is said of it; null when all can be answered.</returns>
    public static (string Member, TerminalException Fault)? Fault(PinnedTable mart, TileDefinition tile)
    {
        List<(string Member, QueryText Text)> parts = [];
        if (tile.Filter is not null)
            parts.Add(("filter", new QueryText(Apply: $"filter({tile.Filter})")));
        if (tile.Compute is not null)
            parts.Add(("compute", new QueryText(Apply: $"compute({tile.Compute})")));
        parts.Add(("measures", TextOf(tile) with { OrderBy = null }));
        parts.Add(("orderBy", TextOf(tile)));
        foreach (var (member, text) in parts)
        {
            try
            {
                mart.Parse(Parser, text);
            }
            catch (TerminalException fault) when (fault.Kind is FailureKind.Invalid or FailureKind.NotImplemented)
            {
                return (member, fault);
            }
        }

        return null;
    }

    /// <summary>A tile's measures over the time.</summary>
    public static TableQuery Trend(PinnedTable mart, TileDefinition tile, string dimension) => mart.Parse(Parser, new QueryText(
        Filter: $"{dimension} ne null",
        Apply: (tile.Filter is null ? "" : $"filter({tile.Filter})/") + Groups([dimension], tile.Measures)));

    /// <summary>The values of a dimension.</summary>
    public static TableQuery Values(PinnedTable mart, string dimension) => mart.Parse(Parser, new QueryText(Apply: $"groupby(({dimension}))"));

    /// <summary>The same for so many rows, and one to see whether there are more.</summary>
    public static TableQuery UpTo(TableQuery query, int most) => query.Top is { } top && top <= most ? query : query with { Top = most + 1L };

    private static QueryText TextOf(TileDefinition tile) => new(
        OrderBy: tile.OrderBy,
        Top: tile.Top?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Apply: string.Concat(tile.Filter is null ? "" : $"filter({tile.Filter})/", tile.Compute is null ? "" : $"compute({tile.Compute})/", Groups(tile.GroupBy, tile.Measures)));

    private static string Groups(IReadOnlyList<string> groups, IReadOnlyList<string> measures) => groups.Count == 0
        ? $"aggregate({string.Join(',', measures)})"
        : $"groupby(({string.Join(',', groups)}),aggregate({string.Join(',', measures)}))";
}
