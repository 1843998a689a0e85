namespace DataPlatform.Sql.Lineage;

/// <summary>How a column of a table shapes a column of a query's result: the kinds that OpenLineage knows. Several may hold at once.</summary>
[Flags]
public enum Influences
{
    None = 0,

    /// <summary>Direct: its values, as they are.</summary>
    Identity = 1,

    /// <summary>Direct: values computed from its values.</summary>
    Transformation = 1 << 1,

    /// <summary>Direct: values computed from those of many rows.</summary>
    Aggregation = 1 << 2,

    /// <summary>Indirect: decides which rows are brought together.</summary>
    Join = 1 << 3,

    /// <summary>Indirect: decides which rows count.</summary>
    Filter = 1 << 4,

    /// <summary>Indirect: decides which rows make up one.</summary>
    GroupBy = 1 << 5,

    /// <summary>Indirect: decides about the order.</summary>
    Sort = 1 << 6,

    /// <summary>Indirect: partitions, orders or frames a window.</summary>
    Window = 1 << 7,

    /// <summary>Indirect: the condition of a CASE or the like.</summary>
    Conditional = 1 << 8,
}
