namespace Microsoft.Azure.Functions.Worker;

/// <summary>How often a failed function runs again; -1 means without end.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    public RetryAttribute()
    {
    }

    public int MaxRetryCount { get; set; }
}
