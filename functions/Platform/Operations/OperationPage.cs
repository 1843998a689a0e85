namespace DataPlatform.Operations;

/// <summary>Some operations, newest first.</summary>
/// <param name="Next">The id to continue behind; null at the end.</param>
public sealed record OperationPage<T>(IReadOnlyList<T> Operations, string? Next)
    where T : RequestedOperation;
