namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a failed function again after a time that doubles between two bounds (<c>hh:mm:ss</c>).</summary>
public sealed class ExponentialBackoffRetryAttribute : RetryAttribute
{
    public ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval)
    {
        MaxRetryCount = maxRetryCount;
        MinimumInterval = minimumInterval;
        MaximumInterval = maximumInterval;
    }

    public string MaximumInterval { get; }

    public string MinimumInterval { get; }
}
