namespace DataPlatform.Processing.Lineage;

/// <summary>Where a batch's rows are in its dataset's table.</summary>
/// <param name="Version">The newest version up to the batch's own that changed rows: who has read that far has all of the batch. It is an older one
/// when the batch had no good rows.</param>
internal sealed record BatchPlace(string Dataset, string TableId, long Version);
