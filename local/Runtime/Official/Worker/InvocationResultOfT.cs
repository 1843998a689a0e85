namespace Microsoft.Azure.Functions.Worker;

public abstract class InvocationResult<T>
{
    /// <summary>What the function returned; middleware may replace it.</summary>
    public abstract T? Value { get; set; }
}
