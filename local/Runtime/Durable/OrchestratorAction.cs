namespace DataPlatform.Local.Runtime.Durable;

/// <summary>What orchestrator code asked for and the turn's commit will do.</summary>
internal sealed record OrchestratorAction(HistoryEventKind Kind, int TaskId, string? Name)
{
    public string? Input { get; init; }

    public string? Version { get; init; }

    /// <summary>Id of the child, or of the instance an event goes to.</summary>
    public string? Target { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The history line. The input is not repeated there: replay doesn't need it.</summary>
    public HistoryEvent ToEvent(DateTimeOffset now) => new(Kind, DueAt ?? now) { TaskId = TaskId, Name = Name };

    public override string ToString() => Kind switch
    {
        HistoryEventKind.TaskScheduled => $"call activity '{Name}' (#{TaskId})",
        HistoryEventKind.TimerCreated => $"create a timer (#{TaskId})",
        HistoryEventKind.SubOrchestrationCreated => $"call sub-orchestrator '{Name}' (#{TaskId})",
        _ => $"send event '{Name}' (#{TaskId})",
    };
}
