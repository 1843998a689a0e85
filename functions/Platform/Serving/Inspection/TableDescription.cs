using DataPlatform.Tables;

namespace DataPlatform.Serving.Inspection;

/// <summary>A table at one version.</summary>
/// <param name="Timestamp">Of the version, UTC.</param>
/// <param name="Operation">Of the commit that made the version; null when it is no longer in the log.</param>
/// <param name="Created">When the table came into being; null when its writer did not say.</param>
/// <param name="Rows">Null when a file came without statistics.</param>
/// <param name="Bytes">Of the files.</param>
/// <param name="Properties">Delta's table properties, such as <c>delta.logRetentionDuration</c>.</param>
public sealed record TableDescription(
    string Name,
    TableKind Kind,
    string TableId,
    long Version,
    DateTimeOffset Timestamp,
    string? Operation,
    DateTimeOffset? Created,
    IReadOnlyList<ColumnDescription> Columns,
    IReadOnlyList<string> PartitionColumns,
    long? Rows,
    int Files,
    long Bytes,
    IReadOnlyDictionary<string, string?> Properties);
