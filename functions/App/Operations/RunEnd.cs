using DataPlatform.Operations;

namespace DataPlatform.App.Operations;

/// <summary>Input of a run's last activity.</summary>
public sealed record RunEnd(string Run, RunFailure? Error);
