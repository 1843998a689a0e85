namespace Microsoft.DurableTask;

/// <summary>Says whether to try again. Runs as orchestrator code: deterministic, no I/O.</summary>
public delegate bool RetryHandler(RetryContext retryContext);
