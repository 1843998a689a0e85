using System.Buffers;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Serving.Dashboards;

/// <summary>Answers for the tiles of dashboards and the values of their filters. All are queries of the one planner over one version of a mart.</summary>
public sealed class DashboardReads(CatalogStore catalog, ServedTables tables, TableReads reads, TimeRanges ranges)
{
    /// <summary>Most rows of a tile.</summary>
    public const int MaxRows = 10_000;

    /// <summary>Most values of a filter that are offered.</summary>
    public const int MaxValues = 1_000;

    /// <summary>Finds the version of the mart and the times that are meant. What it costs is the same for any number of rows.</summary>
    /// <param name="held">Filters of the link that the reader came by.</param>
    /// <exception cref="TerminalException"><c>DashboardNotFound</c>, <c>TileNotFound</c>, <c>MartNotFound</c>, <c>TableEmpty</c>, 400, 403 <c>LinkForbidsTile</c>.</exception>
    public async Task<TileView> OpenTileAsync(
        string dashboard, string tile, IQueryCollection query, IReadOnlyDictionary<string, IReadOnlyList<string>>? held, CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<DashboardDefinition>(dashboard, cancellationToken);
        var (definition, found) = (entry.Definition, entry.Definition.Tiles.FirstOrDefault(known => known.Name == tile));
        if (found is null)
            throw new TerminalException(FailureKind.NotFound, "TileNotFound", $"The dashboard '{dashboard}' has no tile '{tile}'.{DidYouMean.Sentence(tile, definition.Tiles.Select(known => known.Name))}", "tile");

        var choice = DashboardChoiceReader.Read(query, definition);
        if (held is not null)
            choice = choice with { Held = held };
        var mart = await PinAsync(definition.MartOf(found), cancellationToken);
        var range = await ranges.ResolveAsync(definition.Time, choice, mart, () => OthersAsync(definition, definition.MartOf(found), cancellationToken), cancellationToken);
        var filter = ChosenRows.Of(mart, choice, range);
        var etag = mart.ETag("tile", $"{dashboard}\n{entry.Version}\n{tile}", filter);
        return new TileView(definition, found, mart, choice, range, filter, etag);
    }

    /// <summary>The tile's rows as JSON: see <see cref="TileWriter"/>.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadTileAsync(TileView view, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(16 << 10);
        using var writer = new TileWriter(buffer, view);
        var query = TileQuery.Rows(view.Mart, view.Tile);
        await using (var rows = await OpenAsync(query, view.Filter, MaxRows))
            await Task.Run(() => writer.WriteRows(rows, MaxRows), cancellationToken); // Reading blocks while rows are computed.
        if (view.Tile.Type is TileType.Kpi)
            await ReadBesideAsync();
        return writer.End();

        // What a number is compared with, and how it came about.
        async Task ReadBesideAsync()
        {
            if (view.Range?.Before is { } before)
            {
                await using var rows = await OpenAsync(query, ChosenRows.Of(view.Mart, view.Choice, before), 1);
                await Task.Run(() => writer.WriteComparison(before, rows), cancellationToken);
            }

            if (view.Range is { } range && IsAdditive(view))
            {
                await using var rows = await OpenAsync(TileQuery.Trend(view.Mart, view.Tile, range.Column.Name), view.Filter, MaxRows);
                await Task.Run(() => writer.WriteTrend(rows, MaxRows), cancellationToken);
            }
        }

        Task<TableRows> OpenAsync(TableQuery asked, RowFilter? filter, int most) =>
            reads.OpenAsync(view.Mart, TileQuery.UpTo(asked, most), new ReadOptions { Filter = filter }, cancellationToken);
    }

    /// <summary>The mart that has the values of a filter, and the entity tag of these.</summary>
    /// <exception cref="TerminalException"><c>FilterNotFound</c> and as for tiles.</exception>
    public async Task<(PinnedTable Mart, RowFilter? Filter, string ETag)> OpenFilterAsync(
        string dashboard, string dimension, IReadOnlyDictionary<string, IReadOnlyList<string>>? held, CancellationToken cancellationToken)
    {
        var definition = (await catalog.GetAsync<DashboardDefinition>(dashboard, cancellationToken)).Definition;
        if (!definition.Filters.Any(filter => filter.Dimension == dimension))
            throw new TerminalException(FailureKind.NotFound, "FilterNotFound", $"The dashboard '{dashboard}' has no filter of '{dimension}'.{DidYouMean.Sentence(dimension, definition.Filters.Select(filter => filter.Dimension))}", "dimension");

        foreach (var name in definition.Tiles.Select(definition.MartOf).Distinct())
        {
            var mart = await tables.MartAsync(name, cancellationToken);
            if (!mart.Key.Contains(dimension))
                continue;
            var pinned = await PinAsync(name, cancellationToken);
            var filter = ChosenRows.Of(pinned, DashboardChoice.None with { Held = held ?? DashboardChoice.None.Held }, range: null);
            return (pinned, filter, pinned.ETag("filter", $"{dashboard}\n{dimension}", filter));
        }

        throw new TerminalException(FailureKind.Conflict, "UnknownDimension", $"No mart of the dashboard '{dashboard}' has a dimension '{dimension}' any more: correct the dashboard.", dimension);
    }

    /// <summary><c>{"value":[…]}</c>: the values in their order, null for rows without one; <c>truncated</c> when there are more than <see cref="MaxValues"/>.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadFilterAsync(PinnedTable mart, RowFilter? filter, string dimension, CancellationToken cancellationToken)
    {
        await using var rows = await reads.OpenAsync(mart, TileQuery.UpTo(TileQuery.Values(mart, dimension), MaxValues), new ReadOptions { Filter = filter }, cancellationToken);
        return await Task.Run(() => TileWriter.Values(rows, MaxValues), cancellationToken);
    }

    private async Task<PinnedTable> PinAsync(string mart, CancellationToken cancellationToken) =>
        await reads.PinAsync(await tables.MartAsync(mart, cancellationToken), new TableVersionRequest(), cancellationToken);

    /// <summary>The other marts that can be read; what is wrong with one is for its own tiles to tell.</summary>
    private async Task<IReadOnlyList<PinnedTable>> OthersAsync(DashboardDefinition dashboard, string mart, CancellationToken cancellationToken)
    {
        List<PinnedTable> others = [];
        foreach (var name in dashboard.Tiles.Select(dashboard.MartOf).Distinct().Where(name => name != mart))
        {
            try
            {
                others.Add(await PinAsync(name, cancellationToken));
            }
            catch (TerminalException exception) when (exception.Kind is FailureKind.NotFound)
            {
            }
        }

        return others;
    }

    /// <summary>Whether the tile's measure adds up over the groups of a time.</summary>
    private static bool IsAdditive(TileView view) => view.Mart.Table.Mart is { } mart && view.Tile.Measures.All(measure => MeasureStorage.IsAdditive(mart, measure));
}
