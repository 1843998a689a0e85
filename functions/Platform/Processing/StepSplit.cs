using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>How a step's input is divided by keys.</summary>
/// <param name="IsNew">Whether the table is read as <c>new.X</c>.</param>
/// <param name="By">Columns of the table; rows with equal values stay together.</param>
/// <param name="Partitions">Null when the input's size decides.</param>
public sealed record StepSplit(TableName Table, bool IsNew, IReadOnlyList<string> By, int? Partitions);
