using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>A value of each group.</summary>
/// <param name="Operand">What is aggregated; null for <see cref="Aggregation.Count"/> and <see cref="Aggregation.Measure"/>.</param>
/// <param name="MeasureSql">For <see cref="Aggregation.Measure"/>: the aggregate over a mart's rows, of the mart's own names only.</param>
public sealed record AggregatedColumn(TableColumn Column, Aggregation Aggregation, Expression? Operand = null, string? MeasureSql = null);
