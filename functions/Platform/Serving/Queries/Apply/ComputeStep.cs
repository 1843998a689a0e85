using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>Adds columns to each row.</summary>
public sealed record ComputeStep(IReadOnlyList<ComputedColumn> Computed, IReadOnlyList<TableColumn> Columns) : ApplyStep(Columns);
