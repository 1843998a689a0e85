namespace DataPlatform.Triggers;

/// <summary>How far the triggers of a pipeline or mart have come.</summary>
/// <param name="Created">Of the definition. One that is deleted and put again starts anew.</param>
internal sealed record TriggerState(DateTimeOffset Created)
{
    /// <summary>The newest due time that was seen to; null before the first.</summary>
    public DateTimeOffset? Through { get; init; }

    /// <summary>The tables it watches: up to where their logs were looked through.</summary>
    public IReadOnlyDictionary<string, WatchedTable> Tables { get; init; } = new Dictionary<string, WatchedTable>();

    /// <summary>Changes for which no run has been decided on yet.</summary>
    public OpenChanges? Changes { get; init; }

    /// <summary>A run for changes that was decided on, and may not be stored yet.</summary>
    public DecidedRun? Decided { get; init; }
}
