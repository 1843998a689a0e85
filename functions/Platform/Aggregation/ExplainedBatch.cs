namespace DataPlatform.Aggregation;

/// <summary>A batch with rows of an explained group.</summary>
/// <param name="Rows">Of the group.</param>
/// <param name="Receipt">Its receipt's address.</param>
public sealed record ExplainedBatch(string Batch, long Rows, string Receipt);
