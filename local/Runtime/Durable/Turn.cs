namespace DataPlatform.Local.Runtime.Durable;

/// <summary>All that one turn goes by.</summary>
/// <param name="History">All past turns of this execution.</param>
/// <param name="Read">Messages of the inbox.</param>
/// <param name="Results">Of activities of this process; they come after the messages and never were in the inbox.</param>
internal sealed record Turn(
    InstanceRow Instance,
    IReadOnlyList<HistoryEvent> History,
    IReadOnlyList<InboxMessage> Read,
    IReadOnlyList<ActivityResult> Results,
    DateTimeOffset Now)
{
    /// <summary>Messages of earlier executions: removed, not played.</summary>
    public IReadOnlyList<InboxMessage> Stale { get; init; } = [];

    /// <summary>The new events, in order.</summary>
    public IEnumerable<HistoryEvent> News => Read.Select(message => message.Event).Concat(Results.Select(result => result.Event));
}
