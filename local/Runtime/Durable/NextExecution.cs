namespace DataPlatform.Local.Runtime.Durable;

/// <param name="Version">Null keeps the present one.</param>
/// <param name="Events">Raised, not yet consumed, and to be kept; in order of arrival.</param>
internal sealed record NextExecution(string? Input, string? Version, IReadOnlyList<HistoryEvent> Events);
