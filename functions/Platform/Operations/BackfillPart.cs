namespace DataPlatform.Operations;

/// <summary>The slice of a backfill that a run reads, from 0.</summary>
public sealed record BackfillPart(string Id, int Slice);
