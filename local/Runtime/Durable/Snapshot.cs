namespace DataPlatform.Local.Runtime.Durable;

/// <summary>An instance as its owner left it after the last turn: good as long as nobody else changes the row, which the commit finds out.</summary>
internal sealed class Snapshot
{
    // A rough share for the event itself.
    private const int EventBytes = 120;

    private readonly List<HistoryEvent> _history;

    public Snapshot(InstanceRow row, List<HistoryEvent> history)
    {
        Row = row;
        _history = history;
        foreach (HistoryEvent step in history) HistoryBytes += SizeOf(step);
    }

    public InstanceRow Row { get; private set; }

    public IReadOnlyList<HistoryEvent> History => _history;

    /// <summary>What the history takes: payloads as UTF-16, and a share for each event.</summary>
    public long HistoryBytes { get; private set; }

    public long Bytes => HistoryBytes + 2L * ((Row.Input?.Length ?? 0) + (Row.CustomStatus?.Length ?? 0)) + 500;

    public static long SizeOf(HistoryEvent step) => EventBytes + 2L * (step.Payload?.Length ?? 0) + 2L * (step.Failure?.StackTrace?.Length ?? 0);

    public void Committed(TurnWakeUps turn)
    {
        if (turn.Row.ExecutionId != Row.ExecutionId)
        {
            _history.Clear();
            HistoryBytes = 0;
        }

        Row = turn.Row;
        foreach (HistoryEvent step in turn.Added)
        {
            _history.Add(step);
            HistoryBytes += SizeOf(step);
        }
    }
}
