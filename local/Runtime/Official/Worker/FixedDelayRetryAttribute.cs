namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a failed function again after a fixed time (<c>hh:mm:ss</c>).</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    public string DelayInterval { get; }
}
