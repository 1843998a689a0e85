using DataPlatform.Tables;

namespace DataPlatform.Serving.Inspection;

/// <summary>A table that is defined, whether it has data yet or not.</summary>
/// <param name="DefinedBy">The pipeline that writes a warehouse table; null for datasets and marts, which have its name.</param>
public sealed record TableEntry(string Name, TableKind Kind, string? DefinedBy = null);
