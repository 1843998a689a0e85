using System.Text.Json.Nodes;

namespace DataPlatform.Tables;

/// <summary>One version of a table's log.</summary>
/// <param name="Version">Delta's version of the table.</param>
/// <param name="Timestamp">From <c>commitInfo.timestamp</c>, UTC.</param>
/// <param name="DataChange">Whether any action of it changes data.</param>
/// <param name="Info">The whole <c>commitInfo</c>.</param>
public sealed record Commit(
    long Version,
    DateTimeOffset Timestamp,
    string Operation,
    string? OperationId,
    IReadOnlyList<CommittedBatch> Batches,
    IReadOnlyList<DataFile> Added,
    IReadOnlyList<DataFile> Removed,
    bool DataChange,
    JsonObject Info)
{
    /// <summary>Its <c>txn</c> actions: application id to version.</summary>
    public IReadOnlyDictionary<string, long> Transactions { get; init; } = new Dictionary<string, long>();
}
