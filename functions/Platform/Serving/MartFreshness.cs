using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataPlatform.Catalog;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Serving;

/// <summary>Whether a mart is older against its source than its definition allows.</summary>
public sealed class MartFreshness(DeltaTables tables, TableCatalog catalog, IOptions<PlatformOptions> options, TimeProvider clock)
{
    // Both are asked with every answer, and never change: of a mart's version by the name of its source, of a source's by what a mart has of it.
    private readonly ConditionalWeakTable<Snapshot, ConcurrentDictionary<string, StrongBox<TableInput?>>> _inputs = [];
    private readonly ConditionalWeakTable<Snapshot, ConcurrentDictionary<TableInput, StrongBox<DateTimeOffset?>>> _waiting = [];

    /// <returns>Whether the source got data that the mart does not have, and that longer ago than <c>freshness</c>; null when the table is no mart, has no
    /// <c>freshness</c>, or its log does not tell.</returns>
    public async Task<bool?> IsStaleAsync(PinnedTable table, CancellationToken cancellationToken)
    {
        if (table.Table.Mart is not { Freshness: { } text } mart || !Iso8601Duration.TryParse(text, out var allowed))
            return null;
        if (await catalog.FindAsync(mart.Source, cancellationToken) is not { } source
            || await KnownAsync(_inputs, table.Snapshot, mart.Source, () => InputAsync(table.Snapshot, mart.Source, cancellationToken)) is not { } input
            || await tables.Get(source).TryGetRecentSnapshotAsync(options.Value.VersionMaxAge, -1, cancellationToken) is not { } current)
            return null;

        if (current.TableId == input.TableId && current.Version <= input.Version)
            return false;
        var since = await KnownAsync(_waiting, current, input, () => WaitingAsync(current, input, cancellationToken));
        return since is { } first && clock.GetUtcNow() - first > allowed;
    }

    /// <summary>Keeps what was found. A failure is not kept: the next one asks again.</summary>
    private static async Task<TValue> KnownAsync<TKey, TValue>(
        ConditionalWeakTable<Snapshot, ConcurrentDictionary<TKey, StrongBox<TValue>>> known, Snapshot of, TKey key, Func<Task<TValue>> find)
        where TKey : notnull
    {
        var ofVersion = known.GetOrCreateValue(of);
        if (!ofVersion.TryGetValue(key, out var found))
            ofVersion[key] = found = new StrongBox<TValue>(await find());
        return found.Value!;
    }

    private async Task<TableInput?> InputAsync(Snapshot mart, string source, CancellationToken cancellationToken)
    {
        foreach (var inputs in (await new TableLineage(tables).ReadAsync(mart.Table, mart.Version, cancellationToken)).Values)
        {
            if (inputs.TryGetValue(source, out var input))
                return input;
        }

        return null;
    }

    /// <summary>When the first data came that the mart does not have.</summary>
    private async Task<DateTimeOffset?> WaitingAsync(Snapshot source, TableInput input, CancellationToken cancellationToken)
    {
        if (source.TableId != input.TableId)
            return source.Timestamp;
        var log = tables.Get(source.Table);
        var from = Math.Max(input.Version, await log.OldestCommitAsync(cancellationToken) - 1);
        await foreach (var commit in log.ReadCommitsAsync(from, source.Version, cancellationToken))
        {
            if (commit.DataChange)
                return commit.Timestamp;
        }

        return null;
    }
}
