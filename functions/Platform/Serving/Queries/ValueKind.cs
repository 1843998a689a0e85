namespace DataPlatform.Serving.Queries;

/// <summary>What an expression yields, as far as queries tell types apart.</summary>
public enum ValueKind
{
    /// <summary>The literal <c>null</c>; goes with every other kind.</summary>
    Null,
    Boolean,

    /// <summary>Whole numbers of up to 64 bits.</summary>
    Integer,

    /// <summary>Exact numbers with a fraction.</summary>
    Decimal,

    /// <summary>IEEE 754 numbers.</summary>
    Double,
    String,
    Date,

    /// <summary>An instant, UTC, microseconds.</summary>
    Timestamp,
    Binary,
}
