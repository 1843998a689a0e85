using System.Runtime.CompilerServices;
using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>The table versions that runs under way read: those they pinned, and those that their own steps wrote; and the files that they stage for
/// the tables they write. Nothing has to be registered or released: a run that has ended holds nothing.</summary>
public sealed class RunHolds(RunStore runs)
{
    /// <param name="tableId">Delta's id of the table.</param>
    public async IAsyncEnumerable<TableHold> FindAsync(
        TableName table, string tableId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (_, run) in await runs.ListOpenAsync(cancellationToken))
        {
            if (run is not { Status: RunStatus.Running })
                continue;
            var written = run.Steps.Where(step => step.Target == table.Name && step.TableVersion is not null).Select(step => step.TableVersion);
            var oldest = written.Append(run.Pinned is { } pins && pins.TryGetValue(table.Name, out var pinned) ? pinned : null).Min();
            DateTimeOffset? writes = run.Steps.Any(step => step.Target == table.Name) ? run.Started ?? run.Created : null;
            if (oldest is not null || writes is not null)
                yield return new TableHold($"run:{run.Kind}:{run.Id}", tableId, oldest ?? long.MaxValue, Expires: DateTimeOffset.MaxValue) { Writes = writes };
        }
    }
}
