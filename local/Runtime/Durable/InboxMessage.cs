namespace DataPlatform.Local.Runtime.Durable;

/// <summary>An event on its way to an instance. A timer is a message that is due later.</summary>
/// <param name="ExecutionId">Null: for whichever execution runs when it is read.</param>
internal sealed record InboxMessage(long Id, string? ExecutionId, HistoryEvent Event);
