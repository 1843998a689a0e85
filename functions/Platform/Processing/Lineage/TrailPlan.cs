using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage;

/// <summary>The way that is looked along.</summary>
/// <param name="Tables">Behind the dataset's own, each behind those it is computed from.</param>
/// <param name="Asked">What is waited for, as it was asked; null when nothing is.</param>
public sealed record TrailPlan(TableGraph Graph, IReadOnlyList<TableName> Tables, string? Asked);
