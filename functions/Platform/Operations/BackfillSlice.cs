namespace DataPlatform.Operations;

/// <summary>A part of a backfill: the source's table versions (<paramref name="After"/>, <paramref name="UpTo"/>].</summary>
/// <param name="Batches">Batches that came with them.</param>
/// <param name="Rows">Rows that came with them.</param>
public sealed record BackfillSlice(long After, long UpTo, long Batches, long Rows);
