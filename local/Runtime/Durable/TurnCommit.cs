using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Writes a turn: history, new work, timers, messages to others, the instance. All in one transaction.</summary>
internal sealed record TurnCommit(InstanceRow Instance, int HistoryLength, IReadOnlyList<InboxMessage> Read, TurnOutcome Outcome, DateTimeOffset Now)
{
    /// <summary>Messages of earlier executions: removed, not played.</summary>
    public IReadOnlyList<InboxMessage> Stale { get; init; } = [];

    /// <returns>What to wake; null if the instance changed meanwhile, then nothing is written.</returns>
    public TurnWakeUps? Apply(SqliteSession session, string owner)
    {
        InstanceRow row = Changed();
        if (!InstanceTable.Update(session, row)) return null;
        TurnWakeUps wakeUps = new();
        foreach (InboxMessage message in Read.Concat(Stale)) InboxTable.Delete(session, message.Id);

        if (Outcome.Next is { } next)
        {
            foreach (OrchestratorAction action in Outcome.Actions) Act(session, action, owner, wakeUps);
            StartOver(session, row, next, owner);
            wakeUps.Instances.Add(row.Id);
            return wakeUps;
        }

        int sequence = HistoryLength;
        HistoryTable.Append(session, row.Id, sequence++, new HistoryEvent(HistoryEventKind.TurnStarted, Now));
        foreach (InboxMessage message in Read) HistoryTable.Append(session, row.Id, sequence++, message.Event);
        foreach (OrchestratorAction action in Outcome.Actions)
        {
            HistoryTable.Append(session, row.Id, sequence++, action.ToEvent(Now));
            Act(session, action, owner, wakeUps);
        }

        if (Outcome.IsFinished)
        {
            wakeUps.Finished = true;
            if (InstanceEnd.Apply(session, row, owner) is { } parent) wakeUps.Instances.Add(parent);
        }

        return wakeUps;
    }

    private InstanceRow Changed()
    {
        InstanceRow row = Instance with
        {
            Status = Outcome.Status,
            // The reason of a suspension stays there until there is a result.
            Output = Outcome.IsFinished || Outcome.Next is not null ? Outcome.Output : Instance.Output,
            Failure = Outcome.Failure,
            CustomStatus = Outcome.CustomStatus,
            UpdatedAt = Now,
        };
        return Outcome.Next is { } next
            ? row with { ExecutionId = InstanceStart.NewExecutionId(), Input = next.Input, Version = next.Version ?? row.Version }
            : row;
    }

    private void StartOver(SqliteSession session, InstanceRow row, NextExecution next, string owner)
    {
        HistoryTable.Clear(session, row.Id);
        session.Execute("DELETE FROM activities WHERE instance_id = $1", row.Id);
        InboxTable.EndExecution(session, row.Id, next.KeepEvents);
        InboxTable.Insert(
            session, row.Id, row.ExecutionId, new HistoryEvent(HistoryEventKind.ExecutionStarted, Now) { Name = row.Name }, Now, owner);
        // Due when they came, so that they stay before events that are still unread.
        foreach (HistoryEvent carried in next.KeepEvents ? next.Events : [])
            InboxTable.Insert(session, row.Id, null, carried, carried.At, owner);
    }

    private void Act(SqliteSession session, OrchestratorAction action, string owner, TurnWakeUps wakeUps)
    {
        switch (action.Kind)
        {
            case HistoryEventKind.TaskScheduled:
                ActivityTable.Insert(session, Instance, action);
                wakeUps.Activities = true;
                break;
            case HistoryEventKind.TimerCreated:
                HistoryEvent fired = new(HistoryEventKind.TimerFired, action.DueAt!.Value) { TaskId = action.TaskId };
                InboxTable.Insert(session, Instance.Id, Instance.ExecutionId, fired, fired.At, owner);
                wakeUps.TimerDue(fired.At);
                break;
            case HistoryEventKind.EventSent:
                Send(session, action, owner, wakeUps);
                break;
            default:
                StartChild(session, action, owner, wakeUps);
                break;
        }
    }

    private void Send(SqliteSession session, OrchestratorAction action, string owner, TurnWakeUps wakeUps)
    {
        // As on the official host, an event for an unknown or finished instance is lost.
        if (InstanceTable.Find(session, action.Target!) is not { IsFinished: false }) return;
        HistoryEvent raised = new(HistoryEventKind.EventRaised, Now) { Name = action.Name, Payload = action.Input };
        InboxTable.Insert(session, action.Target!, null, raised, Now, owner);
        wakeUps.Instances.Add(action.Target!);
    }

    private void StartChild(SqliteSession session, OrchestratorAction action, string owner, TurnWakeUps wakeUps)
    {
        ParentLink parent = new(Instance.Id, Instance.ExecutionId, action.TaskId, Instance.Name);
        InstanceRow child = new()
        {
            Id = action.Target!,
            ExecutionId = InstanceStart.NewExecutionId(),
            Name = action.Name!,
            Version = action.Version,
            Input = action.Input,
            CreatedAt = Now,
            UpdatedAt = Now,
            Parent = parent,
            Tags = action.Tags,
        };
        try
        {
            InstanceStart.Apply(session, child, Now, owner, InstanceStart.Live);
            wakeUps.Instances.Add(child.Id);
        }
        catch (OrchestrationAlreadyExistsException exists)
        {
            HistoryEvent failed = new(HistoryEventKind.SubOrchestrationFailed, Now)
            {
                TaskId = action.TaskId,
                Failure = TaskFailureDetails.FromException(exists),
            };
            InboxTable.Insert(session, Instance.Id, Instance.ExecutionId, failed, Now, owner);
            wakeUps.Instances.Add(Instance.Id);
        }
    }
}
