using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>A table at a version.</summary>
/// <param name="TableId">Delta's <c>metaData.id</c>.</param>
public sealed record PinnedTable(TableName Table, string TableId, long Version);
