namespace DataPlatform.Catalog;

/// <summary>The types of a contract's fields, by their names in documents (camelCase there).</summary>
public enum FieldType
{
    Bool,
    Int32,
    Int64,
    Float64,

    /// <summary>Written <c>decimal(p,s)</c>, p up to 38.</summary>
    Decimal,

    String,

    /// <summary>A calendar day.</summary>
    Date,

    /// <summary>A time of day; stored as text <c>HH:mm:ss[.ffffff]</c>, for Delta has no such type.</summary>
    Time,

    /// <summary>An instant, UTC, microseconds.</summary>
    Timestamp,

    /// <summary>Stored as lowercase text with hyphens.</summary>
    Uuid,

    /// <summary>Base64 in text formats.</summary>
    Binary,

    /// <summary>Any JSON value, stored as compact text.</summary>
    Json,
}
