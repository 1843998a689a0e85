using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Runs a durable call again as its options say. Part of orchestrator code: only durable timers are awaited.</summary>
internal static class RetryLoop
{
    public static async Task<T> Run<T>(TaskOrchestrationContext context, TaskRetryOptions? retry, Func<Task<T>> call)
    {
        DateTime started = context.CurrentUtcDateTime;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (TaskFailedException failed) when (retry is not null && !TaskFailures.IsFinal(failed.FailureDetails))
            {
                if (!await MayRetry(context, retry, failed, attempt, started)) throw;
            }
        }
    }

    private static async Task<bool> MayRetry(
        TaskOrchestrationContext context, TaskRetryOptions retry, TaskFailedException failed, int attempt, DateTime started)
    {
        if (retry.Policy is not { } policy)
        {
            TimeSpan spent = context.CurrentUtcDateTime - started;
            return await retry.Handler!(new RetryContext(context, attempt, failed.FailureDetails, spent, CancellationToken.None));
        }

        bool expired = policy.RetryTimeout != Timeout.InfiniteTimeSpan
            && context.CurrentUtcDateTime - started >= policy.RetryTimeout;
        if (attempt >= policy.MaxNumberOfAttempts || expired || !policy.Handle(failed)) return false;
        await context.CreateTimer(Delay(policy, attempt), CancellationToken.None);
        return true;
    }

    private static TimeSpan Delay(RetryPolicy policy, int attempt)
    {
        double milliseconds = policy.FirstRetryInterval.TotalMilliseconds * Math.Pow(policy.BackoffCoefficient, attempt - 1);
        TimeSpan longest = policy.MaxRetryInterval == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(3650) : policy.MaxRetryInterval;
        return milliseconds < longest.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : longest;
    }
}
