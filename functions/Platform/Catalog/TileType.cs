namespace DataPlatform.Catalog;

/// <summary>How a tile is drawn, which says what it groups by.</summary>
public enum TileType
{
    /// <summary>One number: one measure, no groups.</summary>
    Kpi,

    /// <summary>Over the first group; one line a value of a second group, or a measure.</summary>
    Line,

    /// <summary>As lines, filled.</summary>
    Area,

    /// <summary>One bar a value of the group and a measure.</summary>
    Bar,

    /// <summary>Bars over the first group, each made of the values of the second.</summary>
    Stacked,

    /// <summary>A coloured field for each pair of values of two groups.</summary>
    Heatmap,

    /// <summary>Rows.</summary>
    Table,
}
