namespace Microsoft.DurableTask;

/// <summary>What a retry handler decides on.</summary>
/// <param name="LastAttemptNumber">Attempts made so far; 1 at the first call of the handler.</param>
/// <param name="TotalRetryTime">Time since the first attempt began, by the orchestration's clock.</param>
public record RetryContext(
    TaskOrchestrationContext OrchestrationContext,
    int LastAttemptNumber,
    TaskFailureDetails LastFailure,
    TimeSpan TotalRetryTime,
    CancellationToken CancellationToken);
