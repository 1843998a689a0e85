namespace DataPlatform.Serving.Inspection;

/// <summary>What a table's log says of its content, without a look at the content.</summary>
/// <param name="Rows">Null when a file came without statistics.</param>
/// <param name="Exact">Whether <paramref name="Rows"/> is what a count gives: known, and without rows that stand for deleted keys.</param>
public sealed record TableStatistics(string Name, long Version, DateTimeOffset Timestamp, long? Rows, bool Exact, IReadOnlyList<ColumnStatistics> Columns);
