using System.Text.Json.Serialization;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>The document <c>_last_checkpoint</c>: a hint where to start reading, which may be stale or missing.</summary>
internal sealed record LastCheckpoint
{
    public required long Version { get; init; }

    /// <summary>Actions in the checkpoint.</summary>
    public long? Size { get; init; }

    public int? Parts { get; init; }

    public long? SizeInBytes { get; init; }

    public long? NumOfAddFiles { get; init; }

    /// <summary>Only in those of version 2.</summary>
    [JsonPropertyName("v2Checkpoint")]
    public System.Text.Json.Nodes.JsonObject? Version2 { get; init; }
}
