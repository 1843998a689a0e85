namespace DataPlatform.Sql.Maintenance;

/// <summary>What is to become of the rows that meet a condition.</summary>
/// <param name="Condition">A boolean expression over the table's columns; rows of which it is NULL do not meet it.</param>
/// <param name="Set">Column to the expression of its new value, computed from the row as it was; null deletes the rows.</param>
public sealed record RowChange(string Condition, IReadOnlyDictionary<string, string>? Set = null);
