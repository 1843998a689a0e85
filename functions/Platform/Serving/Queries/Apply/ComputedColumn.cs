using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>A column and how each row gets it.</summary>
public sealed record ComputedColumn(TableColumn Column, Expression Value);
