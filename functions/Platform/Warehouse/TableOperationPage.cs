namespace DataPlatform.Warehouse;

/// <summary>Some operations of a table, newest first.</summary>
/// <param name="Next">The id to continue behind; null at the end.</param>
public sealed record TableOperationPage(IReadOnlyList<TableOperation> Operations, string? Next);
