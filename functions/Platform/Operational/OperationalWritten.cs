namespace DataPlatform.Operational;

/// <summary>What a change did.</summary>
/// <param name="Item">The row; null when it was deleted.</param>
/// <param name="Created">There was no such key before.</param>
/// <param name="Receipt">Id of the receipt of the batch that the change is.</param>
/// <param name="TableVersion">The version of the dataset table that has it.</param>
public sealed record OperationalWritten(OperationalItem? Item, bool Created, string Receipt, long TableVersion);
