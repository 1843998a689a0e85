using DataPlatform.Processing;

namespace DataPlatform.App.Processing;

/// <summary>Groups of a step to be worked on; also the input of a sub-orchestration.</summary>
/// <param name="Activity">What works on each.</param>
/// <param name="First">The first group.</param>
/// <param name="Count">How many.</param>
/// <param name="Window">How many at one time.</param>
/// <param name="Most">From so many on they are spread over sub-orchestrations of so many.</param>
public sealed record GroupRange(string Activity, string Run, int Step, int First, int Count, int Window, int Most, StepPolicy Policy);
