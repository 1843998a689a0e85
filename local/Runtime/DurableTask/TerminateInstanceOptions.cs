namespace Microsoft.DurableTask.Client;

/// <param name="Output">Becomes the output of the terminated instance.</param>
/// <param name="Recursive">Whether running sub-orchestrations are terminated too. The official host on Azure Storage ignores it.</param>
public record TerminateInstanceOptions(object? Output = null, bool Recursive = false);
