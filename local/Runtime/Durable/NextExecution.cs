namespace DataPlatform.Local.Runtime.Durable;

/// <param name="Version">Null keeps the present one.</param>
/// <param name="Events">Raised in this execution and meant for the next, in order of arrival.</param>
internal sealed record NextExecution(string? Input, string? Version, IReadOnlyList<HistoryEvent> Events);
