namespace DataPlatform.Ingestion.Values;

/// <summary>The rules a row can break; in the quarantine by their snake_case names.</summary>
public enum RowRule
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The value is not of the field's type.</summary>
    Type,
    Required,
    Min,
    Max,
    MinLength,
    MaxLength,
    Pattern,
    Enum,

    /// <summary>A field the contract does not know.</summary>
    UnknownField,

    /// <summary>More values than the header has columns.</summary>
    ExtraValue,

    /// <summary>Fewer values than the header has columns.</summary>
    MissingValue,

    /// <summary>A quote that stands or is missing where the format does not allow it.</summary>
    Quote,

    /// <summary>Bytes that are not UTF-8.</summary>
    Encoding,

    /// <summary>The row is longer than the platform reads.</summary>
    Size,

    /// <summary>The line is not a JSON object.</summary>
    Json,

    /// <summary>A JSON object with one member twice.</summary>
    DuplicateMember,

    /// <summary>The field's expression has no result: overflow, division by zero, a text that is no number.</summary>
    Expression,

    /// <summary>A check of the contract does not hold.</summary>
    Check,

    /// <summary>The row is no CloudEvent, or one whose data is no row.</summary>
    Event,

    /// <summary>A text that cannot be told from NULL where the table's files are divided by it.</summary>
    Partition,
}
