using System.Runtime.CompilerServices;
using DataPlatform.Catalog;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Serving;

/// <summary>Whether a mart is older against its source than its definition allows.</summary>
public sealed class MartFreshness(DeltaTables tables, TableCatalog catalog, IOptions<PlatformOptions> options, TimeProvider clock)
{
    // Both are asked with every answer, and never change.
    private readonly ConditionalWeakTable<Snapshot, Task<TableInput?>> _inputs = [];
    private readonly ConditionalWeakTable<Snapshot, Task<DateTimeOffset?>> _waiting = [];

    /// <returns>Whether the source got data that the mart does not have, and that longer ago than <c>freshness</c>; null when the table is no mart, has no
    /// <c>freshness</c>, or its log does not tell.</returns>
    public async Task<bool?> IsStaleAsync(PinnedTable table, CancellationToken cancellationToken)
    {
        if (table.Table.Mart is not { Freshness: { } text } mart || !Iso8601Duration.TryParse(text, out var allowed))
            return null;
        if (await catalog.FindAsync(mart.Source, cancellationToken) is not { } source
            || await _inputs.GetValue(table.Snapshot, snapshot => InputAsync(snapshot, mart.Source)).WaitAsync(cancellationToken) is not { } input
            || await tables.Get(source).TryGetRecentSnapshotAsync(options.Value.VersionMaxAge, -1, cancellationToken) is not { } current)
            return null;

        if (current.TableId == input.TableId && current.Version <= input.Version)
            return false;
        var since = await _waiting.GetValue(current, newest => WaitingAsync(newest, input)).WaitAsync(cancellationToken);
        return since is { } first && clock.GetUtcNow() - first > allowed;
    }

    private async Task<TableInput?> InputAsync(Snapshot mart, string source)
    {
        foreach (var inputs in (await new TableLineage(tables).ReadAsync(mart.Table, mart.Version, CancellationToken.None)).Values)
        {
            if (inputs.TryGetValue(source, out var input))
                return input;
        }

        return null;
    }

    /// <summary>When the first data came that the mart does not have.</summary>
    private async Task<DateTimeOffset?> WaitingAsync(Snapshot source, TableInput input)
    {
        if (source.TableId != input.TableId)
            return source.Timestamp;
        var log = tables.Get(source.Table);
        var from = Math.Max(input.Version, await log.OldestCommitAsync(CancellationToken.None) - 1);
        await foreach (var commit in log.ReadCommitsAsync(from, source.Version, CancellationToken.None))
        {
            if (commit.DataChange)
                return commit.Timestamp;
        }

        return null;
    }
}
