namespace Microsoft.Azure.Functions.Worker;

/// <summary>Objects that the parts of one invocation share, by type.</summary>
public interface IInvocationFeatures : IEnumerable<KeyValuePair<Type, object>>
{
    void Set<T>(T instance);

    T? Get<T>();
}
