using System.Text.Json;

namespace DataPlatform.Conformance.Tests.Management;

/// <summary>An instance as the management API shows it; inputs and outputs are JSON values, not text.</summary>
public sealed record ManagedInstance(
    string Name,
    string InstanceId,
    string RuntimeStatus,
    JsonElement Input,
    JsonElement CustomStatus,
    JsonElement Output,
    string CreatedTime,
    string LastUpdatedTime);
