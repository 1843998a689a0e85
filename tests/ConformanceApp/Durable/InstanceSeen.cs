using Microsoft.DurableTask.Client;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>An instance as the durable client shows it.</summary>
/// <param name="Output">As it is kept: JSON, or plain text for a failure of older extensions.</param>
/// <param name="Failure">Null where the client does not tell it.</param>
public sealed record InstanceSeen(
    string Id,
    string Name,
    string Status,
    bool IsCompleted,
    bool IsRunning,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastUpdatedAt,
    string? Input,
    string? Output,
    string? CustomStatus,
    FailureSeen? Failure)
{
    public static InstanceSeen Of(OrchestrationMetadata instance) => new(
        instance.InstanceId,
        instance.Name,
        instance.RuntimeStatus.ToString(),
        instance.IsCompleted,
        instance.IsRunning,
        instance.CreatedAt,
        instance.LastUpdatedAt,
        instance.SerializedInput,
        instance.SerializedOutput,
        instance.SerializedCustomStatus,
        instance.FailureDetails is { } failure ? FailureSeen.Of(failure) : null);
}
