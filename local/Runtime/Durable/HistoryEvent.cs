using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>One line of an instance's history; in the inbox, one that waits to become part of it.</summary>
/// <param name="At">When it happened; of a timer, when it is due.</param>
internal sealed record HistoryEvent(HistoryEventKind Kind, DateTimeOffset At)
{
    /// <summary>Sequence number of the call it belongs to; -1 for none.</summary>
    public int TaskId { get; init; } = -1;

    /// <summary>Of the task, child or event.</summary>
    public string? Name { get; init; }

    /// <summary>Input, result or event data.</summary>
    public string? Payload { get; init; }

    public TaskFailureDetails? Failure { get; init; }
}
