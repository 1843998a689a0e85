namespace DataPlatform.Catalog;

/// <summary>A field of a contract and the rules for its values.</summary>
public sealed record FieldDefinition
{
    /// <summary>The column's name: <c>[A-Za-z_][A-Za-z0-9_]{0,127}</c>, unique ignoring case.</summary>
    public required string Name { get; init; }

    public required FieldType Type { get; init; }

    /// <summary>For <see cref="FieldType.Decimal"/>: total digits.</summary>
    public int Precision { get; init; }

    /// <summary>For <see cref="FieldType.Decimal"/>: digits behind the point.</summary>
    public int Scale { get; init; }

    /// <summary>The name in the input when it is another one.</summary>
    public string? Source { get; init; }

    public bool Required { get; init; }

    /// <summary>Texts that stand for null, compared before and after <see cref="Trim"/>.</summary>
    public IReadOnlyList<string>? NullTokens { get; init; }

    /// <summary>White space around texts is left out.</summary>
    public bool Trim { get; init; }

    /// <summary>The case that values of <see cref="FieldType.String"/> are brought into.</summary>
    public TextCase? Case { get; init; }

    /// <summary>How dates, times and timestamps are written in text formats, e.g. <c>dd.MM.yyyy HH:mm</c>; the first that fits is taken. None:
    /// ISO 8601.</summary>
    public IReadOnlyList<string>? Formats { get; init; }

    /// <summary>IANA name of the zone of the field's timestamps that come without an offset; null takes the contract's.</summary>
    public string? TimeZone { get; init; }

    /// <summary>An expression of the safe SQL subset over <c>value</c> and the other fields, whose result is stored.</summary>
    public string? Expression { get; init; }

    /// <summary>What is stored in place of null, as text formats would write it.</summary>
    public string? Default { get; init; }

    /// <summary>Smallest value allowed, for numbers, dates, times and timestamps.</summary>
    public FieldBound? Min { get; init; }

    /// <summary>Largest value allowed, for numbers, dates, times and timestamps.</summary>
    public FieldBound? Max { get; init; }

    /// <summary>In Unicode characters for text, in bytes for binary.</summary>
    public int? MinLength { get; init; }

    /// <summary>In Unicode characters for text, in bytes for binary.</summary>
    public int? MaxLength { get; init; }

    /// <summary>A .NET regular expression of the non-backtracking kind that a text value must match.</summary>
    public string? Pattern { get; init; }

    /// <summary>The only values allowed, for text and numbers (as the document writes them).</summary>
    public IReadOnlyList<string>? Enum { get; init; }

    /// <summary>Protection of personal values.</summary>
    public PiiRule? Pii { get; init; }

    /// <summary>For people: <c>min</c>, <c>mi</c>, <c>EUR</c>.</summary>
    public string? Unit { get; init; }

    public string? Description { get; init; }

    /// <summary>The name to look for in the input.</summary>
    public string InputName => Source ?? Name;
}
