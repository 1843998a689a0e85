namespace DataPlatform.Sql.Lineage;

/// <summary>A column of a query's result.</summary>
/// <param name="Name">Empty for an expression without a name.</param>
public sealed record OutputColumn(string Name, Flow Flow);
