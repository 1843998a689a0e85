namespace DataPlatform.Tables;

/// <summary>Who writes a table, which also decides where it lies.</summary>
public enum TableKind
{
    /// <summary>A dataset's accepted rows, written by ingestion: <c>lake/tables/{name}</c>.</summary>
    Dataset,

    /// <summary>Written by pipeline steps: <c>warehouse/{name}</c>.</summary>
    Warehouse,

    /// <summary>Written by mart refreshes: <c>marts/{name}</c>.</summary>
    Mart,
}
