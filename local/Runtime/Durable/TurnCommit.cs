using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Writes a turn: history, new work, timers, messages to others, the instance. All in one transaction.</summary>
/// <param name="Turn">What was played.</param>
internal sealed record TurnCommit(Turn Turn, TurnOutcome Outcome)
{
    /// <summary>How many of the activities this process begins itself; the others are left to whoever comes first.</summary>
    public int Reserved { get; init; }

    public required DateTimeOffset LeaseUntil { get; init; }

    /// <summary>Chooses who will own a child.</summary>
    /// <summary>Given how many this turn wakes already.</summary>
    public required Func<int, string> ChooseOwner { get; init; }

    private InstanceRow Instance => Turn.Instance;

    private DateTimeOffset Now => Turn.Now;

    /// <returns>What to wake; null if the instance changed or went to another owner meanwhile, then nothing is written.</returns>
    /// <exception cref="ResultLostException">A result does not count, as the activity belongs to somebody else by now.</exception>
    public TurnWakeUps? Apply(SqliteSession session)
    {
        InstanceRow row = Changed();
        if (!InstanceTable.Update(session, row)) return null;
        foreach (ActivityResult result in Turn.Results)
        {
            if (!ActivityTable.Complete(session, result.Work)) throw new ResultLostException(result);
        }

        foreach (InboxMessage message in Turn.Read.Concat(Turn.Stale)) InboxTable.Delete(session, message.Id);
        TurnWakeUps wakeUps = new() { Row = row with { Revision = row.Revision + 1 } };
        if (Outcome.Next is { } next)
        {
            foreach (OrchestratorAction action in Outcome.Actions) Act(session, action, wakeUps);
            StartOver(session, row, next);
            wakeUps.Instances.Add(row.Id);
            return wakeUps;
        }

        WriteHistory(session, row, wakeUps);
        if (Outcome.IsFinished && InstanceEnd.Apply(session, row) is { } parent) wakeUps.Instances.Add(parent);
        return wakeUps;
    }

    private void WriteHistory(SqliteSession session, InstanceRow row, TurnWakeUps wakeUps)
    {
        List<HistoryEvent> added = [new HistoryEvent(HistoryEventKind.TurnStarted, Now), .. Turn.News];
        foreach (OrchestratorAction action in Outcome.Actions)
        {
            added.Add(action.ToEvent(Now));
            Act(session, action, wakeUps);
        }

        int sequence = Turn.History.Count;
        foreach (HistoryEvent step in added) HistoryTable.Append(session, row.Id, sequence++, step);
        wakeUps.Added = added;
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
            Trouble = null,
        };
        return Outcome.Next is { } next
            ? row with { ExecutionId = InstanceStart.NewExecutionId(), Input = next.Input, Version = next.Version ?? row.Version }
            : row;
    }

    private void StartOver(SqliteSession session, InstanceRow row, NextExecution next)
    {
        HistoryTable.Clear(session, row.Id);
        session.Execute("DELETE FROM activities WHERE instance_id = ?1", row.Id);
        InstanceTable.StartOver(session, row);
        InboxTable.EndExecution(session, row.Id);
        PayloadTable.EndExecution(session, row.Id);
        InboxTable.Insert(
            session, row.Id, row.ExecutionId, new HistoryEvent(HistoryEventKind.ExecutionStarted, Now) { Name = row.Name }, Now);
        // Due when they came, so that they stay before events that are still unread.
        foreach (HistoryEvent carried in next.Events) InboxTable.Insert(session, row.Id, null, carried, carried.At);
    }

    private void Act(SqliteSession session, OrchestratorAction action, TurnWakeUps wakeUps)
    {
        switch (action.Kind)
        {
            case HistoryEventKind.TaskScheduled:
                bool own = wakeUps.Claimed.Count < Reserved;
                if (ActivityTable.Insert(session, Instance, action, own ? Instance.Owner : null, LeaseUntil) is { } claimed)
                    wakeUps.Claimed.Add(claimed);
                else wakeUps.MoreActivities = true;
                break;
            case HistoryEventKind.TimerCreated:
                HistoryEvent fired = new(HistoryEventKind.TimerFired, action.DueAt!.Value) { TaskId = action.TaskId };
                InboxTable.Insert(session, Instance.Id, Instance.ExecutionId, fired, fired.At);
                wakeUps.TimerDue(fired.At);
                break;
            case HistoryEventKind.EventSent:
                Send(session, action, wakeUps);
                break;
            default:
                StartChild(session, action, wakeUps);
                break;
        }
    }

    private void Send(SqliteSession session, OrchestratorAction action, TurnWakeUps wakeUps)
    {
        // As on the official host, an event for an unknown or finished instance is lost.
        if (InstanceTable.Head(session, action.Target!) is not { IsFinished: false }) return;
        HistoryEvent raised = new(HistoryEventKind.EventRaised, Now) { Name = action.Name, Payload = action.Input };
        InboxTable.Insert(session, action.Target!, null, raised, Now);
        wakeUps.Instances.Add(action.Target!);
    }

    private void StartChild(SqliteSession session, OrchestratorAction action, TurnWakeUps wakeUps)
    {
        InstanceRow child = new()
        {
            Id = action.Target!,
            ExecutionId = InstanceStart.NewExecutionId(),
            Name = action.Name!,
            Version = action.Version,
            Input = action.Input,
            CreatedAt = Now,
            UpdatedAt = Now,
            Parent = new ParentLink(Instance.Id, Instance.ExecutionId, action.TaskId, Instance.Name),
            Tags = action.Tags,
            Owner = ChooseOwner(wakeUps.Instances.Count),
        };
        try
        {
            InstanceStart.Apply(session, child, Now, InstanceStart.Live);
            if (child.Owner == Instance.Owner) wakeUps.Instances.Add(child.Id);
        }
        catch (OrchestrationAlreadyExistsException exists)
        {
            HistoryEvent failed = new(HistoryEventKind.SubOrchestrationFailed, Now)
            {
                TaskId = action.TaskId,
                Failure = TaskFailureDetails.FromException(exists),
            };
            InboxTable.Insert(session, Instance.Id, Instance.ExecutionId, failed, Now);
            wakeUps.Instances.Add(Instance.Id);
        }
    }
}
