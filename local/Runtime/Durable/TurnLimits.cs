using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Fails an orchestration whose history grows too large, or in whose turns processes die again and again.</summary>
internal sealed class TurnLimits(DurableOptions options)
{
    /// <returns>How the instance ends without its code being run; null when it may run.</returns>
    public TurnOutcome? Refuse(Turn turn) => turn.Instance.Trouble is { } trouble && trouble.Deaths >= options.MaxDeaths
        ? Failed(turn.Instance.CustomStatus, "ProcessDied", TaskFailures.Died($"a turn of orchestrator '{turn.Instance.Name}'", trouble.Deaths))
        : null;

    public TurnOutcome Apply(Snapshot known, Turn turn, TurnOutcome outcome)
    {
        if (outcome.IsFinished || outcome.Next is not null) return outcome;
        int events = known.History.Count + 1 + turn.News.Count() + outcome.Actions.Count;
        long bytes = known.HistoryBytes + turn.News.Sum(Snapshot.SizeOf);
        string? excess = events > options.MaxHistoryEvents ? $"{events:N0} events, the limit is {options.MaxHistoryEvents:N0}"
            : bytes > options.MaxHistoryBytes ? $"{bytes:N0} bytes, the limit is {options.MaxHistoryBytes:N0}"
            : null;
        if (excess is null) return outcome;
        return Failed(
            outcome.CustomStatus,
            "HistoryTooLarge",
            $"The history of orchestrator '{turn.Instance.Name}' has {excess}: begin anew by ContinueAsNew now and then, divide the "
            + "work among sub-orchestrations, and pass paths instead of data.");
    }

    private static TurnOutcome Failed(string? customStatus, string type, string message) => new(OrchestrationRuntimeStatus.Failed, [])
    {
        Failure = new TaskFailureDetails(type, message, null, null, null),
        Output = message,
        CustomStatus = customStatus,
    };
}
