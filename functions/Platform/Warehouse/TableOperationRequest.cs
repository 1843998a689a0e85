namespace DataPlatform.Warehouse;

/// <summary>What was asked for.</summary>
/// <param name="SortBy">Of an optimize: the columns.</param>
/// <param name="Retention">Of a vacuum: how long removed files are kept; null takes the table's or the setting's.</param>
/// <param name="Version">Of a restore: the table version.</param>
/// <param name="Timestamp">Of a restore: its time instead.</param>
/// <param name="Condition">Of a delete or update: which rows.</param>
/// <param name="Set">Of an update: column to expression.</param>
/// <param name="Columns">Of a widening: column to its new type, in Delta's words.</param>
/// <param name="TableId">Of a drop: Delta's id of the table.</param>
public sealed record TableOperationRequest(
    TableOperationKind Operation,
    bool DryRun = false,
    IReadOnlyList<string>? SortBy = null,
    TimeSpan? Retention = null,
    long? Version = null,
    DateTimeOffset? Timestamp = null,
    string? Condition = null,
    IReadOnlyDictionary<string, string>? Set = null,
    IReadOnlyDictionary<string, string>? Columns = null,
    string? TableId = null);
