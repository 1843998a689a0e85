namespace DataPlatform.Conformance.Tests;

/// <summary>Something the app noted.</summary>
public sealed record Observation(DateTimeOffset At, string Text);
