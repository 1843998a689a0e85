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

    /// <summary>Smallest value allowed, for numbers.</summary>
    public decimal? Min { get; init; }

    /// <summary>Largest value allowed, for numbers.</summary>
    public decimal? Max { get; init; }

    /// <summary>In Unicode characters, for text.</summary>
    public int? MinLength { get; init; }

    /// <summary>In Unicode characters, for text.</summary>
    public int? MaxLength { get; init; }

    /// <summary>A .NET regular expression of the non-backtracking kind that a text value must match.</summary>
    public string? Pattern { get; init; }

    /// <summary>The only values allowed, for text.</summary>
    public IReadOnlyList<string>? Enum { get; init; }

    /// <summary>For people: <c>min</c>, <c>mi</c>, <c>EUR</c>.</summary>
    public string? Unit { get; init; }

    public string? Description { get; init; }

    /// <summary>The name to look for in the input.</summary>
    public string InputName => Source ?? Name;
}
