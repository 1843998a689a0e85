using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>Finds what a mart's data was computed from.</summary>
public sealed class MartSources(CatalogStore catalog, TableCatalog names, DeltaTables tables)
{
    /// <returns>The definition that computed the mart with its version, the mart, and its source at the version that it holds.</returns>
    /// <exception cref="TerminalException"><c>MartHasNoData</c>: it was never refreshed. <c>SourceHistoryLost</c>, <c>TableVersionGone</c>: the source is no longer what the
    /// mart was computed from.</exception>
    internal async Task<(MartDefinition Definition, long Version, Snapshot Mart, Snapshot Source)> FindHeldAsync(string mart, CancellationToken cancellationToken)
    {
        var newest = await catalog.GetAsync<MartDefinition>(mart, cancellationToken);
        var current = await tables.Get(new TableName(TableKind.Mart, mart)).TryGetSnapshotAsync(version: null, cancellationToken);
        if (current is null || !current.Transactions.TryGetValue(RefreshPlan.DefinitionAppIdOf(mart), out var computed))
            throw new TerminalException(FailureKind.Conflict, "MartHasNoData", $"The mart '{mart}' has no data yet: POST /api/v1/marts/{mart}/refreshes computes it.", mart);
        var definition = computed == newest.Version ? newest.Definition : (await catalog.GetAsync<MartDefinition>(mart, computed, cancellationToken)).Definition;
        return (definition, computed, current, await SourceAsync(mart, definition, current, cancellationToken));
    }

    private async Task<Snapshot> SourceAsync(string mart, MartDefinition definition, Snapshot current, CancellationToken cancellationToken)
    {
        if (await names.FindAsync(definition.Source, cancellationToken) is { } name
            && await tables.Get(name).TryGetSnapshotAsync(version: null, cancellationToken) is { } newest
            && current.Transactions.TryGetValue(RefreshPlan.AppIdOf(mart, name.Name, newest.TableId), out var position))
            return (await tables.Get(name).TryGetSnapshotAsync(position, cancellationToken))!;
        throw new TerminalException(
            FailureKind.Conflict, "SourceHistoryLost", $"The table '{definition.Source}' is another one than the mart '{mart}' was computed from: refresh the mart first.", definition.Source);
    }
}
