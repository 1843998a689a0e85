namespace DataPlatform.Catalog;

/// <summary>The names of the text encodings that are read, as contracts and the parameter <c>charset</c> have them.</summary>
public static class TextEncodings
{
    private static readonly Dictionary<string, TextEncoding> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf-8"] = TextEncoding.Utf8,
        ["utf-16"] = TextEncoding.Utf16,
        ["utf-16le"] = TextEncoding.Utf16,
        ["utf-16be"] = TextEncoding.Utf16BigEndian,
        ["iso-8859-1"] = TextEncoding.Latin1,
        ["windows-1252"] = TextEncoding.Windows1252,
    };

    // Other names of the same encodings (IANA), which clients send.
    private static readonly Dictionary<string, TextEncoding> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = TextEncoding.Utf8,
        ["us-ascii"] = TextEncoding.Utf8,
        ["latin1"] = TextEncoding.Latin1,
        ["iso8859-1"] = TextEncoding.Latin1,
        ["cp1252"] = TextEncoding.Windows1252,
    };

    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys];

    public static bool TryParse(string name, out TextEncoding encoding) => ByName.TryGetValue(name, out encoding);

    /// <summary>The encoding of a <c>charset</c>, by any of its names.</summary>
    public static bool TryParseCharset(string charset, out TextEncoding encoding) =>
        ByName.TryGetValue(charset, out encoding) || Aliases.TryGetValue(charset, out encoding);
}
