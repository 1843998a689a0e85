using DataPlatform.Operations;

namespace DataPlatform.App.Ingestion;

/// <summary>Input of a replay's last activity.</summary>
public sealed record ReplayEnd(string Replay, RunFailure? Error);
