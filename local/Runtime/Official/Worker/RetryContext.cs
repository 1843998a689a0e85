namespace Microsoft.Azure.Functions.Worker;

public abstract class RetryContext
{
    /// <summary>0 on the first try.</summary>
    public abstract int RetryCount { get; }

    public abstract int MaxRetryCount { get; }
}
