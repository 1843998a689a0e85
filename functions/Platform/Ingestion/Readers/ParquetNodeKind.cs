namespace DataPlatform.Ingestion.Readers;

/// <summary>What a node of a nested Parquet column becomes in JSON.</summary>
internal enum ParquetNodeKind
{
    Leaf,

    /// <summary>An object.</summary>
    Struct,

    /// <summary>An array.</summary>
    List,

    /// <summary>An object of entries.</summary>
    Map,
}
