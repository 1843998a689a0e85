using DurableTask.Core.Exceptions;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Creates instances, for clients and for parents.</summary>
internal static class InstanceStart
{
    /// <summary>The statuses in which an instance is kept when nothing else is said.</summary>
    public static readonly IReadOnlyCollection<OrchestrationRuntimeStatus> Live =
        [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Suspended];

    /// <param name="dueAt">The earliest time of the first turn.</param>
    /// <param name="keep">Statuses in which an instance of that id is kept. In any other it is replaced; one that goes on is terminated for
    /// that.</param>
    /// <returns>The parent of a terminated one, if it waits.</returns>
    /// <exception cref="OrchestrationAlreadyExistsException">It is kept.</exception>
    public static string? Apply(
        SqliteSession session, InstanceRow row, DateTimeOffset dueAt, IReadOnlyCollection<OrchestrationRuntimeStatus> keep)
    {
        string? parent = null;
        if (InstanceTable.Find(session, row.Id, payloads: false) is { } existing)
        {
            if (keep.Contains(existing.Status))
            {
                throw new OrchestrationAlreadyExistsException(
                    $"An orchestration instance with the ID {row.Id} already exists; its status is {existing.Status}.");
            }

            if (!existing.IsFinished)
            {
                parent = InstanceEnd.Apply(
                    session,
                    existing with { Status = OrchestrationRuntimeStatus.Terminated, Output = "A new instance took its id.", UpdatedAt = row.CreatedAt });
            }

            InstanceTable.Delete(session, row.Id);
            row = row with { Revision = existing.Revision + 1 };
        }

        InstanceTable.Insert(session, row);
        InboxTable.Insert(
            session, row.Id, row.ExecutionId, new HistoryEvent(HistoryEventKind.ExecutionStarted, row.CreatedAt) { Name = row.Name }, dueAt);
        return parent;
    }

    public static string NewExecutionId() => Guid.NewGuid().ToString("N");
}
