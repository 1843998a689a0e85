namespace DataPlatform.Lake;

/// <summary>A row's place in its table. Both parts: 1 to 512 characters, none of <c>/ \ # ?</c>, no control characters.</summary>
/// <param name="Partition">Rows of one partition can be written together and are read in order.</param>
/// <param name="Id">Unique within the partition; rows are ordered by it, ordinally.</param>
public readonly record struct RowKey(string Partition, string Id);
