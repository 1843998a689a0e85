using System.Text.RegularExpressions;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Serving.TableReading;

namespace DataPlatform.Serving.Dashboards;

/// <summary>What is checked of a dashboard when it is put, besides its document: that the marts are there and have what tiles show of them.</summary>
public sealed partial class DashboardCheck(CatalogStore catalog, ServedTables tables, TableReads reads)
{
    /// <param name="mayRead">Whether who puts it may read a mart: a dashboard shows it to all who may see the dashboard.</param>
    /// <exception cref="TerminalException"><c>InvalidDashboard</c> with all mistakes, each at its JSON path; 403 <c>ScopeMissing</c>.</exception>
    public async Task CheckAsync(DashboardDefinition dashboard, Func<string, bool> mayRead, CancellationToken cancellationToken)
    {
        List<FailureDetail> mistakes = [];
        var marts = new Dictionary<string, MartDefinition?>(StringComparer.Ordinal);
        foreach (var name in dashboard.Tiles.Select(dashboard.MartOf).Distinct())
        {
            if (!mayRead(name))
                throw new TerminalException(FailureKind.Forbidden, "ScopeMissing", $"The dashboard would show the mart '{name}' to all who may read the dashboard, and your key lacks the scope 'read:mart/{name}'.", "scope");
            marts[name] = (await catalog.FindAsync<MartDefinition>(name, cancellationToken))?.Definition;
        }

        for (var i = 0; i < dashboard.Tiles.Count; i++)
        {
            var (tile, path) = (dashboard.Tiles[i], $"$.tiles[{i}]");
            if (marts[dashboard.MartOf(tile)] is { } mart)
                await CheckTileAsync(tile, path, mart, mistakes, cancellationToken);
            else
                mistakes.Add(await MissingAsync(dashboard.MartOf(tile), tile.Mart is null ? "$.mart" : $"{path}.mart", cancellationToken));
        }

        var dimensions = marts.Values.OfType<MartDefinition>().SelectMany(DimensionsOf).ToHashSet(StringComparer.Ordinal);
        if (!marts.ContainsValue(null))
            CheckDimensions(dashboard, dimensions, mistakes);

        mistakes = [.. mistakes.DistinctBy(mistake => (mistake.Code, mistake.Target))];
        if (mistakes.Count > 0)
        {
            throw new TerminalException(
                FailureKind.Invalid,
                "InvalidDashboard",
                $"The dashboard '{dashboard.Name}' cannot be shown: {mistakes[0].Message}" + (mistakes.Count > 1 ? $" And {mistakes.Count - 1} more." : ""),
                mistakes[0].Target,
                mistakes);
        }
    }

    /// <summary>Names by the mart's definition; expressions and whether measures add up by its table, once it has one.</summary>
    private async Task CheckTileAsync(TileDefinition tile, string path, MartDefinition mart, List<FailureDetail> mistakes, CancellationToken cancellationToken)
    {
        var known = mistakes.Count;
        CheckTile(tile, path, mart, mistakes);
        if (mistakes.Count > known)
            return;

        try
        {
            var table = await reads.PinAsync(await tables.MartAsync(mart.Name, cancellationToken), new TableVersionRequest(), cancellationToken);
            if (TileQuery.Fault(table, tile) is var (member, fault))
                mistakes.Add(new FailureDetail(fault.Code, fault.Message, $"{path}.{member}"));
        }
        catch (TerminalException exception) when (exception.Kind is FailureKind.NotFound)
        {
            // No data yet: the tile will say what is wrong with it.
        }
    }

    private static void CheckTile(TileDefinition tile, string path, MartDefinition mart, List<FailureDetail> mistakes)
    {
        var dimensions = DimensionsOf(mart);
        var measures = mart.Measures.Select(measure => measure.Name).ToList();
        var computed = tile.Compute is null ? [] : Alias().Matches(tile.Compute).Select(match => match.Groups["name"].Value).ToList();
        List<string> groups = [.. dimensions, .. computed];
        for (var i = 0; i < tile.GroupBy.Count; i++)
        {
            if (groups.Contains(tile.GroupBy[i]))
                continue;
            var reason = measures.Contains(tile.GroupBy[i]) ? $"'{tile.GroupBy[i]}' is a measure of mart '{mart.Name}': put it into 'measures'." : $"The mart '{mart.Name}' has no dimension '{tile.GroupBy[i]}'.{DidYouMean.Sentence(tile.GroupBy[i], groups)} It has {string.Join(", ", dimensions)}.";
            mistakes.Add(new FailureDetail("UnknownDimension", reason, $"{path}.groupBy[{i}]"));
        }

        for (var i = 0; i < tile.Measures.Count; i++)
        {
            if (measures.Contains(tile.Measures[i]))
                continue;
            var reason = dimensions.Contains(tile.Measures[i]) ? $"'{tile.Measures[i]}' is a dimension of mart '{mart.Name}': put it into 'groupBy'." : $"The mart '{mart.Name}' has no measure '{tile.Measures[i]}'.{DidYouMean.Sentence(tile.Measures[i], measures)} It has {string.Join(", ", measures)}.";
            mistakes.Add(new FailureDetail("UnknownMeasure", reason, $"{path}.measures[{i}]"));
        }
    }

    private static void CheckDimensions(DashboardDefinition dashboard, HashSet<string> dimensions, List<FailureDetail> mistakes)
    {
        if (dashboard.Time is { } time && !dimensions.Contains(time.Dimension))
            mistakes.Add(Unknown(time.Dimension, "$.time.dimension"));
        for (var i = 0; i < dashboard.Filters.Count; i++)
        {
            if (!dimensions.Contains(dashboard.Filters[i].Dimension))
                mistakes.Add(Unknown(dashboard.Filters[i].Dimension, $"$.filters[{i}].dimension"));
        }

        FailureDetail Unknown(string name, string path) => new(
            "UnknownDimension", $"No mart of the dashboard has a dimension '{name}'.{DidYouMean.Sentence(name, dimensions)}", path);
    }

    private static List<string> DimensionsOf(MartDefinition mart) => [.. mart.Dimensions.Select(dimension => dimension.Name)];

    private async Task<FailureDetail> MissingAsync(string mart, string path, CancellationToken cancellationToken)
    {
        var all = await catalog.ListNamesAsync<MartDefinition>(cancellationToken);
        return new FailureDetail("UnknownMart", $"There is no mart '{mart}': put its definition first, or correct the name.{DidYouMean.Sentence(mart, all)}", path);
    }

    [GeneratedRegex(@"\bas\s+(?<name>[A-Za-z_][A-Za-z0-9_]*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Alias();
}
