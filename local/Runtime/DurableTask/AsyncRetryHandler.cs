namespace Microsoft.DurableTask;

/// <summary>Says whether to try again. Runs as orchestrator code: it may await durable timers, nothing else.</summary>
public delegate Task<bool> AsyncRetryHandler(RetryContext retryContext);
