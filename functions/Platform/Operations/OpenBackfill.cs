namespace DataPlatform.Operations;

/// <summary>The mark of a backfill that has not ended.</summary>
internal sealed record OpenBackfill(string Id, DateTimeOffset Created);
