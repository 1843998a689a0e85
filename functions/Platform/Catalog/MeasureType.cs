namespace DataPlatform.Catalog;

/// <summary>The aggregate functions of measures.</summary>
public enum MeasureType
{
    /// <summary>Rows, or non-null values when an expression is given.</summary>
    Count,
    CountDistinct,

    /// <summary>By HyperLogLog: see <see cref="SketchSql"/>.</summary>
    ApproxCountDistinct,
    Sum,
    Avg,
    Min,
    Max,

    /// <summary>Interpolated between the two nearest values.</summary>
    Quantile,

    /// <summary>Of two other measures.</summary>
    Ratio,
}
