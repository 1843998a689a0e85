using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>What follows from the end of an instance, in the transaction that ends it.</summary>
internal static class InstanceEnd
{
    /// <param name="row">With its final status, output and failure.</param>
    /// <returns>The parent that got the answer, if there is one that waits.</returns>
    public static string? Apply(SqliteSession session, InstanceRow row)
    {
        InstanceTable.DeletePendingWork(session, row.Id);
        PayloadTable.EndExecution(session, row.Id);
        if (row.Parent is not { } parent) return null;
        HistoryEvent answer = row.Status == OrchestrationRuntimeStatus.Completed
            ? new HistoryEvent(HistoryEventKind.SubOrchestrationCompleted, row.UpdatedAt) { TaskId = parent.TaskId, Payload = row.Output }
            : new HistoryEvent(HistoryEventKind.SubOrchestrationFailed, row.UpdatedAt)
            {
                TaskId = parent.TaskId,
                Failure = row.Failure ?? new TaskFailureDetails(
                    "(unknown)", $"Sub-orchestration '{row.Id}' ended as {row.Status}. {row.Output}".TrimEnd(), null, null, null),
            };
        return Answer(session, parent.InstanceId, parent.ExecutionId, answer) ? parent.InstanceId : null;
    }

    /// <summary>Delivers a result to an execution, unless it is over.</summary>
    public static bool Answer(SqliteSession session, string instanceId, string executionId, HistoryEvent answer)
    {
        if (InstanceTable.Head(session, instanceId) is not { IsFinished: false } head || head.ExecutionId != executionId) return false;
        InboxTable.Insert(session, instanceId, executionId, answer, answer.At);
        return true;
    }
}
