using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>What follows from the end of an instance, in the transaction that ends it.</summary>
internal static class InstanceEnd
{
    /// <param name="row">With its final status, output and failure.</param>
    /// <returns>The parent that got the answer, if there is one that waits.</returns>
    public static string? Apply(SqliteSession session, InstanceRow row, string owner)
    {
        InstanceTable.DeletePendingWork(session, row.Id);
        if (row.Parent is not { } parent) return null;
        HistoryEvent answer = row.Status == OrchestrationRuntimeStatus.Completed
            ? new HistoryEvent(HistoryEventKind.SubOrchestrationCompleted, row.UpdatedAt) { TaskId = parent.TaskId, Payload = row.Output }
            : new HistoryEvent(HistoryEventKind.SubOrchestrationFailed, row.UpdatedAt)
            {
                TaskId = parent.TaskId,
                Failure = row.Failure ?? new TaskFailureDetails(
                    "(unknown)", $"Sub-orchestration '{row.Id}' ended as {row.Status}. {row.Output}".TrimEnd(), null, null, null),
            };
        return Answer(session, parent, answer, owner) ? parent.InstanceId : null;
    }

    /// <summary>Delivers to a parent, unless that execution is over.</summary>
    public static bool Answer(SqliteSession session, ParentLink parent, HistoryEvent answer, string owner)
    {
        if (InstanceTable.Find(session, parent.InstanceId) is not { IsFinished: false } row || row.ExecutionId != parent.ExecutionId)
            return false;
        InboxTable.Insert(session, parent.InstanceId, parent.ExecutionId, answer, answer.At, owner);
        return true;
    }
}
