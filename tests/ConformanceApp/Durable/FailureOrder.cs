namespace DataPlatform.ConformanceApp.Durable;

/// <param name="Key">Under which attempts are noted.</param>
/// <param name="Times">How many of them fail.</param>
/// <param name="Attempts">How many the caller allows.</param>
public sealed record FailureOrder(string Key, int Times, int Attempts = 1);
