using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>One transformation of rows, in the order given; what follows works on its result.</summary>
/// <param name="Columns">What rows have after it, by name.</param>
public abstract record ApplyStep(IReadOnlyList<TableColumn> Columns);
