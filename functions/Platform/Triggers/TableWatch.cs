using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Triggers;

/// <summary>Looks through the logs of watched tables for commits that changed data.</summary>
public sealed class TableWatch(DeltaTables tables)
{
    private const long FirstStepBack = 16;

    /// <summary>Adds what is new in the tables that the definition watches, and forgets those it no longer does.</summary>
    /// <param name="names">Tables that are not datasets'.</param>
    internal async Task<TriggerState> ObserveAsync(
        TriggeredDefinition definition,
        TriggerState state,
        IReadOnlyDictionary<string, TableName> names,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var watched = new Dictionary<string, WatchedTable>(StringComparer.Ordinal);
        var changes = state.Changes;
        foreach (var table in definition.OnChange.SelectMany(trigger => trigger.OnChange!).Distinct())
        {
            var name = names.TryGetValue(table, out var known) ? known : new TableName(TableKind.Dataset, table);
            if (await tables.Get(name).TryGetSnapshotAsync(version: null, cancellationToken) is not { } snapshot)
                continue;

            var from = await StartAsync(state.Tables.GetValueOrDefault(table), snapshot, definition.Updated, cancellationToken);
            watched[table] = new WatchedTable(snapshot.TableId, snapshot.Version);
            if (await FindAsync(snapshot, from, cancellationToken) is var (version, first, last))
            {
                (first, last) = (Earlier(first, now), Earlier(last, now));
                changes = changes?.With(table, version, first, last)
                    ?? new OpenChanges(first, last, new Dictionary<string, long> { [table] = version });
            }
        }

        // What was found in a table that is no longer watched starts nothing.
        if (changes is not null && changes.Versions.Keys.Any(table => !definition.Watches(table)))
        {
            var left = changes.Versions.Where(change => definition.Watches(change.Key)).ToDictionary();
            changes = left.Count == 0 ? null : changes with { Versions = left };
        }

        var same = ReferenceEquals(changes, state.Changes)
            && watched.Count == state.Tables.Count
            && watched.All(table => state.Tables.TryGetValue(table.Key, out var before) && before == table.Value);
        return same ? state : state with { Tables = watched, Changes = changes };
    }

    /// <summary>The version behind which a table's commits count.</summary>
    private async Task<long> StartAsync(WatchedTable? before, Snapshot snapshot, DateTimeOffset defined, CancellationToken cancellationToken)
    {
        if (before is not null)
            return before.TableId == snapshot.TableId ? before.Version : snapshot.FirstVersion - 1;

        // New here: only what came after the definition was put. Commits have milliseconds only; one of the same counts.
        defined = new DateTimeOffset(defined.UtcTicks - (defined.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        if (snapshot.Timestamp < defined)
            return snapshot.Version;
        for (var step = FirstStepBack; ; step *= FirstStepBack)
        {
            var after = Math.Max(snapshot.FirstVersion - 1, snapshot.Version - step);
            var start = after;
            try
            {
                await foreach (var commit in tables.Get(snapshot.Table).ReadCommitsAsync(after, snapshot.Version, cancellationToken))
                    start = commit.Timestamp < defined ? commit.Version : start;
            }
            catch (TerminalException exception) when (exception.Code == "TableVersionGone")
            {
                return snapshot.Version - 1;
            }

            if (start > after || after < snapshot.FirstVersion)
                return start;
        }
    }

    /// <returns>The newest commit that changed data, and the times of the oldest and the newest; null when there is none.</returns>
    private async Task<(long Version, DateTimeOffset First, DateTimeOffset Last)?> FindAsync(
        Snapshot snapshot, long after, CancellationToken cancellationToken)
    {
        (long Version, DateTimeOffset First, DateTimeOffset Last)? found = null;
        if (after >= snapshot.Version)
            return null;
        try
        {
            await foreach (var commit in tables.Get(snapshot.Table).ReadCommitsAsync(after, snapshot.Version, cancellationToken))
            {
                if (commit.DataChange)
                    found = (commit.Version, found?.First ?? commit.Timestamp, commit.Timestamp);
            }

            return found;
        }
        catch (TerminalException exception) when (exception.Code == "TableVersionGone")
        {
            // The log was cut off before it was looked through: rather one run too many than one too few.
            return (snapshot.Version, snapshot.Timestamp, snapshot.Timestamp);
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
