namespace DataPlatform.Tables.Maintenance;

/// <summary>What is kept of a table elsewhere, and goes with it when it is dropped.</summary>
/// <param name="Name">In camelCase, for the result.</param>
/// <param name="PurgeAsync">Deletes it, or only counts when told so; gives how many there were. May be called again.</param>
public sealed record TableLeftover(string Name, Func<TableName, bool, CancellationToken, Task<long>> PurgeAsync);
