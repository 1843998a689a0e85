namespace DataPlatform.Lake;

public enum RowOperationKind
{
    /// <summary>Fails the batch when the row exists.</summary>
    Insert,

    /// <summary>Fails the batch when the row is gone or its ETag has changed.</summary>
    Replace,

    /// <summary>Inserts or replaces.</summary>
    Upsert,

    /// <summary>Fails the batch when the row is gone or its ETag has changed.</summary>
    Delete,
}
