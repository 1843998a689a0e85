namespace DataPlatform.ConformanceApp.Durable;

/// <summary>A value that goes through payloads.</summary>
public sealed record Part(int Number, string? Label = null);
