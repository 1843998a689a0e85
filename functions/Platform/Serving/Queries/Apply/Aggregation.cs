namespace DataPlatform.Serving.Queries.Apply;

/// <summary>How a group's values become one. Nulls are left out; of no values the result is null, of counts 0.</summary>
public enum Aggregation
{
    Sum,
    Min,
    Max,
    Average,
    CountDistinct,

    /// <summary>The number of rows.</summary>
    Count,

    /// <summary>As the mart defines it.</summary>
    Measure,
}
