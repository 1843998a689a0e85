namespace DataPlatform.Ingestion.Batches;

/// <summary>So many rows, one behind the other in a block, are of one batch.</summary>
/// <param name="Id">The batch's.</param>
internal readonly record struct BatchRows(string Id, int Rows);
