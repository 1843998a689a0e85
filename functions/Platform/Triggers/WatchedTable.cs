namespace DataPlatform.Triggers;

/// <summary>Up to which table version a table's log was looked through.</summary>
/// <param name="TableId">Of the table it was; another one behind the name is new as a whole.</param>
internal sealed record WatchedTable(string TableId, long Version);
