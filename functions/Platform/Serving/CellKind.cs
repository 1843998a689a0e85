namespace DataPlatform.Serving;

/// <summary>How a column's values are read from DuckDB and written.</summary>
internal enum CellKind
{
    Boolean,
    Int64,
    Single,
    Double,

    /// <summary>Up to 28 digits: fits .NET's decimal.</summary>
    Decimal,

    /// <summary>29 to 38 digits.</summary>
    LongDecimal,
    String,
    Date,

    /// <summary>Microseconds since 1970 as BIGINT.</summary>
    Timestamp,
    Binary,
}
