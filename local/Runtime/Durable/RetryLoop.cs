using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Runs a durable call again as its options say. Part of orchestrator code: only durable timers are awaited.</summary>
internal static class RetryLoop
{
    public static Task<T> Run<T>(TaskOrchestrationContext context, TaskRetryOptions? retry, Func<Task<T>> call) =>
        retry is null ? call() : Repeat(context, retry, call);

    private static async Task<T> Repeat<T>(TaskOrchestrationContext context, TaskRetryOptions retry, Func<Task<T>> call)
    {
        DateTime started = context.CurrentUtcDateTime;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception failed) when (MayRetry(retry, failed))
            {
                if (!await WaitForRetry(context, retry, failed, attempt, started)) throw;
            }
        }
    }

    /// <summary>A policy covers whatever the call throws, a result that can't be read among it; a handler is asked about failed tasks.</summary>
    private static bool MayRetry(TaskRetryOptions retry, Exception failed) =>
        failed is TaskFailedException task ? !TaskFailures.IsFinal(task.FailureDetails) : retry.Policy is not null;

    private static async Task<bool> WaitForRetry(
        TaskOrchestrationContext context, TaskRetryOptions retry, Exception failed, int attempt, DateTime started)
    {
        if (retry.Policy is not { } policy)
        {
            TimeSpan spent = context.CurrentUtcDateTime - started;
            TaskFailureDetails details = ((TaskFailedException)failed).FailureDetails;
            return await retry.Handler!(new RetryContext(context, attempt, details, spent, CancellationToken.None));
        }

        bool expired = policy.RetryTimeout != Timeout.InfiniteTimeSpan
            && context.CurrentUtcDateTime - started >= policy.RetryTimeout;
        if (attempt >= policy.MaxNumberOfAttempts || expired || !Handles(policy, failed)) return false;
        await context.CreateTimer(Delay(policy, attempt), CancellationToken.None);
        return true;
    }

    /// <summary>A filter that throws must not hide the failure itself.</summary>
    private static bool Handles(RetryPolicy policy, Exception failed)
    {
        try
        {
            return policy.Handle(failed);
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static TimeSpan Delay(RetryPolicy policy, int attempt)
    {
        double milliseconds = policy.FirstRetryInterval.TotalMilliseconds * Math.Pow(policy.BackoffCoefficient, attempt - 1);
        TimeSpan longest = policy.MaxRetryInterval == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(3650) : policy.MaxRetryInterval;
        return milliseconds < longest.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : longest;
    }
}
