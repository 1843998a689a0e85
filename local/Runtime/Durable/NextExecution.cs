namespace DataPlatform.Local.Runtime.Durable;

/// <param name="Version">Null keeps the present one.</param>
/// <param name="Events">Raised but not yet consumed, in order of arrival.</param>
internal sealed record NextExecution(string? Input, string? Version, bool KeepEvents, IReadOnlyList<HistoryEvent> Events);
