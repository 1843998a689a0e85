namespace DataPlatform.Ingestion.Expressions;

/// <summary>What the values of a term are, and how they are held.</summary>
internal enum TermKind
{
    /// <summary>The literal NULL, which takes any type.</summary>
    Null,

    /// <summary><see cref="bool"/>.</summary>
    Bool,

    /// <summary><see cref="long"/>.</summary>
    Int32,

    /// <summary><see cref="long"/>.</summary>
    Int64,

    /// <summary><see cref="double"/>.</summary>
    Float64,

    /// <summary><see cref="Int128"/>, unscaled.</summary>
    Decimal,

    /// <summary>UTF-8 in a <see cref="ReadOnlyMemory{T}"/>, good until the term is asked again.</summary>
    Text,

    /// <summary><see cref="long"/>, days since 1970.</summary>
    Date,

    /// <summary><see cref="long"/>, microseconds since 1970, UTC.</summary>
    Timestamp,

    /// <summary><see cref="TimeSpanParts"/>; only beside dates and timestamps.</summary>
    Interval,
}
