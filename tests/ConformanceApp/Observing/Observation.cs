namespace DataPlatform.ConformanceApp.Observing;

/// <summary>Something that happened in the app.</summary>
/// <param name="At">By the app's clock.</param>
public sealed record Observation(DateTimeOffset At, string Text);
