namespace DataPlatform.Catalog;

/// <summary>How a dataset's CSV is written, where it is not as RFC 4180 has it. A request's media type may say otherwise.</summary>
public sealed record CsvDialect
{
    public static readonly CsvDialect Default = new();

    /// <summary>Stands between values: an ASCII character that is no letter, digit or line end.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Stands around values, doubled within them; null when quotes are characters like any other.</summary>
    public char? Quote { get; init; } = '"';

    /// <summary>Whether the first record names the columns; else values belong to the contract's fields by position.</summary>
    public bool Header { get; init; } = true;

    /// <summary>Unquoted values that stand for no value, besides the empty one.</summary>
    public IReadOnlyList<string> NullTokens { get; init; } = [];

    /// <summary>Starts lines that are no records; null when there are none.</summary>
    public char? Comment { get; init; }

    public TextEncoding Encoding { get; init; } = TextEncoding.Utf8;
}
