namespace DataPlatform.Tables;

/// <summary>Consumers whose position is kept elsewhere and holds versions by rule, without being registered.</summary>
/// <param name="Find">Their holds of a table, given by name and Delta's table id.</param>
public sealed record HoldSource(Func<TableName, string, CancellationToken, IAsyncEnumerable<TableHold>> Find);
