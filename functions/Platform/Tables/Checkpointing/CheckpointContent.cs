using System.Text.Json.Nodes;
using DataPlatform.Tables.Protocol;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>What a checkpoint says of its table.</summary>
internal sealed class CheckpointContent
{
    public ProtocolAction? Protocol { get; set; }

    public MetadataAction? Metadata { get; set; }

    public List<DataFile> Files { get; } = [];

    public List<DataFile> Tombstones { get; } = [];

    public Dictionary<string, long> Transactions { get; } = new(StringComparer.Ordinal);

    /// <summary>Of the version's commit, in milliseconds since 1970; null in checkpoints of other writers.</summary>
    public long? Timestamp { get; set; }

    /// <inheritdoc cref="Snapshot.FirstVersion"/>
    public long? FirstVersion { get; set; }

    /// <inheritdoc cref="TableState.LastDrop"/>
    public long? LastDrop { get; set; }

    /// <summary>The members of a <c>commitInfo</c> that tell the table's inputs, ours too.</summary>
    public JsonObject? Inputs { get; set; }

    /// <summary>Whether its rows are those of a checkpoint of version 2, which has more in other files.</summary>
    public bool IsVersion2 { get; set; }

    /// <exception cref="InvalidDataException">What every table has is missing.</exception>
    public void EnsureComplete()
    {
        if (!IsVersion2 && (Protocol is null || Metadata is null))
            throw new InvalidDataException("It has no protocol or no metaData action.");
    }
}
