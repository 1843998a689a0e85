using DataPlatform.Catalog;
using Microsoft.DurableTask;

namespace DataPlatform.App.Operations;

/// <summary>How often the orchestrations of runs try an activity again. Activities throw only what may pass.</summary>
internal static class RunRetries
{
    public static readonly TaskOptions Work = TaskOptions.FromRetryPolicy(
        new RetryPolicy(8, TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromSeconds(30)));

    /// <summary>Of a step.</summary>
    public static TaskOptions Of(RetryDefinition retry) => TaskOptions.FromRetryPolicy(
        new RetryPolicy(retry.Attempts, retry.FirstDelay, retry.Backoff, retry.MaxDelay));

    /// <summary>For the last activity: a run must not stay open because storage is away for a while. About a day.</summary>
    public static readonly TaskOptions End = TaskOptions.FromRetryPolicy(
        new RetryPolicy(1500, TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(1)));
}
