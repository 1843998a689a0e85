namespace DataPlatform.Processing;

/// <summary>Who was first, the step's commit or its timeout: <c>lake/runs/{run}/{step}/verdict.json</c>, written once.</summary>
public sealed record StepVerdict(bool MayCommit);
