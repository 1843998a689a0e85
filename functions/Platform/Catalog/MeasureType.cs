namespace DataPlatform.Catalog;

/// <summary>The aggregate functions of measures.</summary>
public enum MeasureType
{
    /// <summary>Rows, or non-null values when an expression is given.</summary>
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
}
