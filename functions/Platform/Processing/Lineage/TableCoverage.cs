using System.Collections.Concurrent;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage;

/// <summary>
/// Tells from which version on a table holds all rows of a batch, by the inputs that its commits carry. A table that follows a source up to a version has also
/// all of the commits behind it that changed no rows; so what skips empty batches and what filters all rows away keeps nobody waiting.
/// </summary>
public sealed class TableCoverage(DeltaTables tables, TableLineage lineage)
{
    /// <summary>How old the knowledge of a table's newest version may be: one look a second, however many wait.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private const int MaxDepth = 16;
    private const int MostEmptyCommits = 1000;
    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<(string Table, string TableId, BatchPlace Place), long> _found = new();

    /// <returns>Null when the dataset's table was dropped and made anew since.</returns>
    internal async Task<BatchPlace?> PlaceAsync(string dataset, long version, CancellationToken cancellationToken)
    {
        var name = new TableName(TableKind.Dataset, dataset);
        var snapshot = await tables.Get(name).TryGetRecentSnapshotAsync(TimeSpan.MaxValue, version, cancellationToken);
        if (snapshot is null || snapshot.FirstVersion > version)
            return null;

        var at = version;
        while (at >= snapshot.FirstVersion && version - at < MostEmptyCommits
            && await lineage.TryReadCommitAsync(name, at, cancellationToken) is { DataChange: false })
        {
            at--;
        }

        return new BatchPlace(dataset, snapshot.TableId, at);
    }

    /// <returns>The first version of the table that holds the batch, as far back as its log goes; null when it is in none.</returns>
    internal async Task<long?> FindFirstAsync(TableGraph graph, TableName table, BatchPlace place, CancellationToken cancellationToken)
    {
        var snapshot = await tables.Get(table).TryGetRecentSnapshotAsync(MaxAge, minVersion: -1, cancellationToken);
        if (snapshot is null || !await HoldsAsync(graph, table, snapshot.Version, place, MaxDepth, cancellationToken))
            return null;

        var key = (table.Name, snapshot.TableId, place);
        if (_found.TryGetValue(key, out var known) && known <= snapshot.Version)
            return known;

        // What a table holds it goes on holding, but for a restore: then it is one of the versions from which on it did.
        var (low, high) = (snapshot.FirstVersion, snapshot.Version);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (await HoldsAsync(graph, table, middle, place, MaxDepth, cancellationToken))
                high = middle;
            else
                low = middle + 1;
        }

        if (_found.Count >= MostKept)
            _found.Clear();
        return _found[key] = high;
    }

    private async Task<bool> HoldsAsync(
        TableGraph graph, TableName table, long version, BatchPlace place, int depth, CancellationToken cancellationToken)
    {
        var leads = false;
        foreach (var inputs in (await lineage.ReadAsync(table, version, cancellationToken)).Values)
        {
            if (inputs.GetValueOrDefault(place.Dataset) is not { } input)
                continue;
            leads = true;
            if (input.TableId != place.TableId
                || (input.Version < place.Version && !await HoldsBetweenAsync(graph, inputs, input, place, depth, cancellationToken)))
            {
                return false;
            }
        }

        return leads;
    }

    /// <summary>Whether the tables between hold the batch at versions that are no different from those that were read.</summary>
    private async Task<bool> HoldsBetweenAsync(
        TableGraph graph, IReadOnlyDictionary<string, TableInput> inputs, TableInput input, BatchPlace place, int depth,
        CancellationToken cancellationToken)
    {
        if (depth == 0 || input.Read < place.Version)
            return false;

        var any = false;
        foreach (var (name, between) in inputs)
        {
            if (name == place.Dataset || between.Read is not { } read || graph.Find(name) is not { } source)
                continue;
            if (!(await lineage.ReadAsync(source, read, cancellationToken)).Values.Any(own => own.ContainsKey(place.Dataset)))
                continue;
            any = true;
            if (!await HoldsAsync(graph, source, await SameAsAsync(source, read, cancellationToken), place, depth - 1, cancellationToken))
                return false;
        }

        return any;
    }

    /// <summary>The newest version of a table that has the same rows as this one.</summary>
    private async Task<long> SameAsAsync(TableName table, long version, CancellationToken cancellationToken)
    {
        var newest = (await tables.Get(table).TryGetRecentSnapshotAsync(MaxAge, version, cancellationToken))?.Version ?? version;
        var at = version;
        while (at < newest && at - version < MostEmptyCommits
            && await lineage.TryReadCommitAsync(table, at + 1, cancellationToken) is { DataChange: false })
        {
            at++;
        }

        return at;
    }
}
