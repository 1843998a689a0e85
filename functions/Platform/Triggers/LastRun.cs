using DataPlatform.Operations;

namespace DataPlatform.Triggers;

/// <summary>A run in brief; <c>/api/v1/runs/{id}</c> has the rest.</summary>
public sealed record LastRun(
    string Id, RunStatus Status, RunTrigger? Trigger, DateTimeOffset Created, DateTimeOffset? Started, DateTimeOffset? Ended);
