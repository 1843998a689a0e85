namespace DataPlatform.Catalog;

/// <summary>When a key counts once.</summary>
/// <param name="Window">A row is not loaded when its key came within this time before its batch.</param>
public sealed record DedupeDefinition(TimeSpan Window);
