namespace Microsoft.Azure.Functions.Worker;

public class WorkerOptions
{
    /// <summary>What the worker tells the official host it can do. There is no such talk in the local runtime.</summary>
    public IDictionary<string, string> Capabilities { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
