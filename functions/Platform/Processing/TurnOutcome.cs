using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>Whether a run may commit what it staged ahead.</summary>
public sealed record TurnOutcome(bool Taken, RunFailure? Error = null);
