using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>Tells how new marts are.</summary>
public sealed class MartStatuses(CatalogStore catalog, TableCatalog names, DeltaTables tables, TimeProvider clock)
{
    /// <exception cref="TerminalException"><c>MartNotFound</c>.</exception>
    public async Task<MartStatus> ReadAsync(string mart, CancellationToken cancellationToken)
    {
        var entry = await catalog.GetAsync<MartDefinition>(mart, cancellationToken);
        var current = await tables.Get(new TableName(TableKind.Mart, mart)).TryGetSnapshotAsync(version: null, cancellationToken);
        List<MartSourceStatus> sources = [];
        DateTimeOffset? asOf = null;
        foreach (var table in entry.Definition.Tables)
        {
            var (status, time) = await SourceAsync(mart, table, current, cancellationToken);
            sources.Add(status);
            asOf = time > asOf || asOf is null ? time : asOf;
        }

        bool? isStale = Iso8601Duration.TryParse(entry.Definition.Freshness ?? "", out var freshness)
            ? sources.Exists(source => source.Version is not null && (source.BehindSince is { } since ? clock.GetUtcNow() - since > freshness : source.HeldVersion is null))
            : null;
        long? computedBy = current is not null && current.Transactions.TryGetValue(RefreshPlan.DefinitionAppIdOf(mart), out var version) ? version : null;
        return new MartStatus(
            mart, entry.Version, computedBy, current?.Version, current?.Timestamp, asOf, isStale, entry.Definition.Freshness, current?.Rows, current?.Files.Count ?? 0, sources);
    }

    private async Task<(MartSourceStatus Status, DateTimeOffset? Held)> SourceAsync(string mart, string table, Snapshot? current, CancellationToken cancellationToken)
    {
        if (await names.FindAsync(table, cancellationToken) is not { } name || await tables.Get(name).TryGetSnapshotAsync(version: null, cancellationToken) is not { } newest)
            return (new MartSourceStatus(table, HeldVersion: null, Version: null, BehindSince: null), null);
        if (current is null || !current.Transactions.TryGetValue(RefreshPlan.AppIdOf(mart, table, newest.TableId), out var held))
            return (new MartSourceStatus(table, HeldVersion: null, newest.Version, BehindSince: null), null);

        DateTimeOffset? heldTime = held == newest.Version ? newest.Timestamp : null;
        DateTimeOffset? behind = null;
        try
        {
            await foreach (var commit in tables.Get(name).ReadCommitsAsync(held - 1, newest.Version, cancellationToken))
            {
                if (commit.Version == held)
                    heldTime = commit.Timestamp;
                else if (commit.DataChange)
                {
                    behind = commit.Timestamp;
                    break;
                }
            }
        }
        catch (TerminalException gone) when (gone.Kind is FailureKind.Gone)
        {
            // So far back that its log was cleaned.
            behind = held < newest.Version ? newest.Created ?? DateTimeOffset.MinValue : null;
        }

        return (new MartSourceStatus(table, held, newest.Version, behind), heldTime);
    }
}
