using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>Leaves out rows for which the condition is false or null.</summary>
public sealed record FilterStep(Expression Condition, IReadOnlyList<TableColumn> Columns) : ApplyStep(Columns);
