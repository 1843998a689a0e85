using System.Text.Json.Nodes;

namespace DataPlatform.Serving.Inspection;

/// <summary>A commit in a table's history.</summary>
/// <param name="DataChange">False for work that only rearranges rows.</param>
/// <param name="Batches">How many batches it holds.</param>
/// <param name="RowsAdded">In the files it added; null when one came without statistics.</param>
/// <param name="RowsRemoved">In the files it removed; null as above.</param>
/// <param name="Metrics">What the writer counted (<c>operationMetrics</c>); null when nothing.</param>
public sealed record CommitDescription(
    long Version,
    DateTimeOffset Timestamp,
    string Operation,
    string? OperationId,
    bool DataChange,
    int Batches,
    int FilesAdded,
    int FilesRemoved,
    long? RowsAdded,
    long? RowsRemoved,
    JsonNode? Metrics);
