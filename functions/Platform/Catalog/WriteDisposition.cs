namespace DataPlatform.Catalog;

/// <summary>What a batch does to the rows that are there already.</summary>
public enum WriteDisposition
{
    Append,

    /// <summary>The batch becomes the table's whole content.</summary>
    Replace,

    /// <summary>A row takes the place of the one with the same key; within a batch the last one wins.</summary>
    Merge,
}
