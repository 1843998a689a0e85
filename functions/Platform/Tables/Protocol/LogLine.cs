using System.Text.Json.Nodes;

namespace DataPlatform.Tables.Protocol;

/// <summary>One line of a log file: one of these actions. Other actions are skipped, as the protocol asks of readers.</summary>
internal sealed record LogLine
{
    public JsonObject? CommitInfo { get; init; }

    public ProtocolAction? Protocol { get; init; }

    public MetadataAction? MetaData { get; init; }

    public TransactionAction? Txn { get; init; }

    public AddAction? Add { get; init; }

    public RemoveAction? Remove { get; init; }
}
