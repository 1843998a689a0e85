using DataPlatform.Tables;

namespace DataPlatform.Serving;

/// <summary>A table as a door shows it.</summary>
/// <param name="DefinitionVersion">Of the document that makes it; 0 when none does directly.</param>
/// <param name="Key">Names of the columns that identify a row; empty when none are known.</param>
/// <param name="Remedy">What to do when there is no data yet.</param>
public sealed record ServedTable(TableName Name, long DefinitionVersion, IReadOnlyList<string> Key, string Remedy);
