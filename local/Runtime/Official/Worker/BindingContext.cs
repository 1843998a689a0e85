namespace Microsoft.Azure.Functions.Worker;

/// <summary>What the trigger knows besides its value: route values, and the like.</summary>
public abstract class BindingContext
{
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}
