using System.Text.Json;

namespace DataPlatform.Conformance.Tests;

/// <summary>An instance as the durable client in the app shows it.</summary>
public sealed record Instance(
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
    Failure? Failure)
{
    /// <summary>Why it failed, wherever the host tells it: in the failure details, or as plain text in the output.</summary>
    public string? Reason => Failure?.Message ?? Output;

    public T? OutputAs<T>() => Output is null ? default : JsonSerializer.Deserialize<T>(Output);
}
