using System.Runtime.CompilerServices;
using DataPlatform.Lake;

namespace DataPlatform.Operations;

/// <summary>
/// Lists of ended runs, one for each combination of filters, newest first: whatever is asked for is one range of one partition, however many
/// runs there are. A run is entered before its mark (<see cref="OpenRun"/>) goes away, so each is either open or here.
/// </summary>
public sealed class RunIndex(IRowStore rows)
{
    private const string Table = "runindex";

    /// <summary>Enters an ended run; again changes nothing.</summary>
    internal Task AddAsync(Run run, CancellationToken cancellationToken)
    {
        var id = RunId.OrderOf(run.Id)!;
        var lists =
            from named in (bool[])[false, true]
            from status in (RunStatus?[])[null, run.Status]
            from cause in (RunCause?[])[null, run.Cause]
            select ListOf(named ? run.Kind : null, run.Name, status, cause);
        return Task.WhenAll(lists.Select(list => rows.UpsertAsync(Table, new RowKey(list, id), new RunIndexEntry(run.Id), cancellationToken)));
    }

    /// <summary>Ids of runs that meet the filter, newest first.</summary>
    /// <param name="after">By <see cref="RunId.OrderOf"/>; null starts with the newest.</param>
    internal async IAsyncEnumerable<string> FindAsync(RunFilter filter, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var list = ListOf(filter.Name is null ? null : filter.Kind, filter.Name, filter.Status, filter.Cause);
        var (newest, oldest) = RunId.OrderBounds(filter.From, filter.To);
        if (string.CompareOrdinal(newest, after) < 0)
            newest = after;
        if (string.CompareOrdinal(newest, oldest) >= 0)
            yield break;
        await foreach (var row in rows.QueryAsync<RunIndexEntry>(Table, list, newest, oldest, cancellationToken))
            yield return row.Value.Id;
    }

    private static string ListOf(RunKind? kind, string? name, RunStatus? status, RunCause? cause) =>
        $"{(kind is null ? "any" : $"{kind}-{name}")}.{status?.ToString() ?? "any"}.{cause?.ToString() ?? "any"}";
}
