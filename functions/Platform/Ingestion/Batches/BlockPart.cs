using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Rows for one file of a table.</summary>
/// <param name="Partition">The values of the columns that the table's files are divided by, which all its rows have; empty where files are not divided.</param>
/// <param name="Batches">Whose rows they are, in their order.</param>
internal sealed record BlockPart(IReadOnlyDictionary<string, string?> Partition, RowBlock Block, IReadOnlyList<BatchRows> Batches);
