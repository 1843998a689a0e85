namespace DataPlatform.Tables;

/// <summary>How far a projection has followed a table's log: DESIGN's <c>projectedVersion</c>.</summary>
/// <param name="TableId">Of the table it followed; another one starts from its own first version.</param>
/// <param name="Version">All commits up to and including this table version are projected.</param>
/// <param name="LostUpTo">Commits up to this table version were deleted before the projection came to them; null when none was.</param>
public sealed record ProjectionCursor(string TableId, long Version, long? LostUpTo = null);
