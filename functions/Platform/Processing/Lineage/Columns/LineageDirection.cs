namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>Which way lineage is followed.</summary>
public enum LineageDirection
{
    Both,

    /// <summary>To what a table comes from.</summary>
    Upstream,

    /// <summary>To what comes from a table.</summary>
    Downstream,
}
