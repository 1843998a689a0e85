namespace DataPlatform.Catalog;

/// <summary>What a pipeline's parameter can be.</summary>
public enum ParameterType
{
    String,
    Int64,
    Float64,

    /// <summary>Up to 28 digits, 9 of them behind the point.</summary>
    Decimal,

    Bool,

    /// <summary>A calendar day, <c>2026-12-31</c>.</summary>
    Date,

    /// <summary>An instant with offset, <c>2026-12-31T23:59:59Z</c>; in SQL a UTC TIMESTAMP.</summary>
    Timestamp,
}
