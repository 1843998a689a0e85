using DurableTask.Core.Exceptions;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Creates instances, for clients and for parents.</summary>
internal static class InstanceStart
{
    /// <param name="dueAt">The earliest time of the first turn.</param>
    /// <param name="dedupe">Statuses besides the live ones in which an instance of that id is kept.</param>
    /// <exception cref="OrchestrationAlreadyExistsException">It is kept.</exception>
    public static void Apply(
        SqliteSession session, InstanceRow row, DateTimeOffset dueAt, string owner, IReadOnlyCollection<OrchestrationRuntimeStatus> dedupe)
    {
        if (InstanceTable.Find(session, row.Id) is { } existing)
        {
            if (!existing.IsFinished || dedupe.Contains(existing.Status))
            {
                throw new OrchestrationAlreadyExistsException(
                    $"An orchestration instance with the ID {row.Id} already exists; its status is {existing.Status}.");
            }

            InstanceTable.Delete(session, row.Id);
            row = row with { Revision = existing.Revision + 1 };
        }

        InstanceTable.Insert(session, row);
        InboxTable.Insert(
            session, row.Id, row.ExecutionId, new HistoryEvent(HistoryEventKind.ExecutionStarted, row.CreatedAt) { Name = row.Name }, dueAt, owner);
    }

    public static string NewExecutionId() => Guid.NewGuid().ToString("N");
}
