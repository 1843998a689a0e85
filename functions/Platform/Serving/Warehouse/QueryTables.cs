using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Serving.Warehouse;

/// <summary>Finds the tables that a query names, in the versions that it reads.</summary>
public sealed class QueryTables(CatalogStore catalog, TableCatalog tables, DeltaTables delta, IOptions<PlatformOptions> options)
{
    /// <param name="named">Names, and where each stands in the SQL.</param>
    /// <param name="versions">Those that are not to be read as they are now.</param>
    /// <param name="has">Whether the caller has a scope. What may not be read is not there.</param>
    /// <exception cref="TerminalException"><c>TableNotFound</c>, <c>TableEmpty</c>, <c>TableVersionNotFound</c>, <c>InvalidSql</c>.</exception>
    public async Task<IReadOnlyDictionary<string, Snapshot>> PinAsync(
        IReadOnlyDictionary<string, string> named, IReadOnlyDictionary<string, long> versions, Func<string, bool> has, CancellationToken cancellationToken)
    {
        if (versions.Keys.FirstOrDefault(name => !named.ContainsKey(name)) is { } other)
            throw SqlInspector.Error($"it does not read the table '{ObjectReader.Shorten(other)}' that 'versions' names", "versions");

        var pinned = new SortedDictionary<string, Snapshot>(StringComparer.Ordinal);
        foreach (var (name, place) in named)
        {
            var table = await FindAsync(name, has, cancellationToken) ?? throw await MissingAsync(name, place, has, cancellationToken);
            pinned[name] = await SnapshotAsync(table, versions.TryGetValue(name, out var version) ? version : null, place, cancellationToken);
        }

        return pinned;
    }

    private static bool MayRead(TableName table, Func<string, bool> has) => has($"read:{table.Kind.ToString().ToLowerInvariant()}/{table.Name}");

    private async Task<TableName?> FindAsync(string name, Func<string, bool> has, CancellationToken cancellationToken) =>
        await tables.FindAsync(name, cancellationToken) is { } table && MayRead(table, has) ? table : null;

    private async Task<Snapshot> SnapshotAsync(TableName table, long? version, string place, CancellationToken cancellationToken)
    {
        var log = delta.Get(table);
        var snapshot = version is { } wanted
            ? await log.TryGetSnapshotAsync(wanted, cancellationToken)
            : await log.TryGetRecentSnapshotAsync(options.Value.VersionMaxAge, -1, cancellationToken);
        return snapshot ?? throw new TerminalException(
            FailureKind.NotFound, "TableEmpty", $"'{table.Name}'{place} is defined and has no data yet.", OpenQueryReader.Target);
    }

    private async Task<TerminalException> MissingAsync(string name, string place, Func<string, bool> has, CancellationToken cancellationToken)
    {
        List<TableName> all = [];
        foreach (var dataset in await catalog.ListNamesAsync<DatasetDefinition>(cancellationToken))
            all.Add(new TableName(TableKind.Dataset, dataset));
        foreach (var mart in await catalog.ListNamesAsync<MartDefinition>(cancellationToken))
            all.Add(new TableName(TableKind.Mart, mart));
        foreach (var pipeline in await catalog.ListNamesAsync<PipelineDefinition>(cancellationToken))
        {
            if (await catalog.FindAsync<PipelineDefinition>(pipeline, cancellationToken) is { } entry)
                all.AddRange(entry.Definition.Steps.Select(step => new TableName(TableKind.Warehouse, step.Target)).Distinct());
        }

        var guess = DidYouMean.Sentence(name, all.Where(table => MayRead(table, has)).Select(table => table.Name));
        return new TerminalException(
            FailureKind.NotFound,
            "TableNotFound",
            $"There is no dataset, warehouse table or mart '{ObjectReader.Shorten(name)}' that you may read{place}.{guess}",
            OpenQueryReader.Target);
    }
}
