namespace DataPlatform.Catalog;

/// <summary>Reads and checks the member <c>csv</c> of a contract.</summary>
internal static class CsvDialectParser
{
    private const int MaxNullTokens = 100;
    private const int MaxNullToken = 256;

    /// <param name="reader">Null when the contract has no such member.</param>
    public static CsvDialect Parse(ObjectReader? reader)
    {
        if (reader is null)
            return CsvDialect.Default;

        var dialect = new CsvDialect
        {
            Delimiter = Mark(reader, "delimiter", mayBeEmpty: false) ?? CsvDialect.Default.Delimiter,
            Quote = reader.Has("quote") ? Mark(reader, "quote", mayBeEmpty: true) : CsvDialect.Default.Quote,
            Header = reader.Flag("header", fallback: true),
            NullTokens = NullTokens(reader),
            Comment = Mark(reader, "comment", mayBeEmpty: false),
            Encoding = Encoding(reader),
        };
        if (Collision(dialect) is { } mistake)
            reader.Mistakes.Add("SameMark", reader.PathOf(mistake.Member), mistake.Message);
        reader.Close();
        return dialect;
    }

    /// <summary>Whether a character can separate, quote or comment: it must not occur in numbers, dates or words.</summary>
    public static bool IsMark(char character) => char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character) && character is not ('\r' or '\n' or '\0');

    /// <summary>What is wrong with a dialect whose characters are all fine by themselves.</summary>
    public static (string Member, string Message)? Collision(CsvDialect dialect)
    {
        if (dialect.Quote == dialect.Delimiter)
            return ("quote", $"'{dialect.Quote}' is the delimiter too: choose another character.");
        if (dialect.Comment is { } comment && (comment == dialect.Delimiter || comment == dialect.Quote))
            return ("comment", $"'{comment}' is the delimiter or the quote too: choose another character.");
        return null;
    }

    private static char? Mark(ObjectReader reader, string name, bool mayBeEmpty)
    {
        if (reader.Text(name) is not { } text || (text.Length == 0 && mayBeEmpty))
            return null;
        if (text.Length == 1 && IsMark(text[0]))
            return text[0];

        var none = mayBeEmpty ? ", or \"\" for none" : "";
        reader.Mistakes.Add("InvalidMark", reader.PathOf(name),
            $"'{ObjectReader.Shorten(text)}' cannot be the {name}: it is one ASCII character that is no letter, digit or line end, such as \";\" or \"\\t\"{none}.");
        return null;
    }

    private static List<string> NullTokens(ObjectReader reader)
    {
        List<string> tokens = [];
        foreach (var (text, path) in reader.Texts("nullTokens", MaxNullTokens))
        {
            if (text.Length > MaxNullToken)
                reader.Mistakes.Add("TooLong", path, $"The text has {text.Length} characters; at most {MaxNullToken} are allowed.");
            tokens.Add(text);
        }

        return tokens;
    }

    private static TextEncoding Encoding(ObjectReader reader)
    {
        var encoding = TextEncoding.Utf8;
        if (reader.Text("encoding") is not { } name || TextEncodings.TryParse(name, out encoding))
            return encoding;

        reader.Mistakes.Add("UnknownValue", reader.PathOf("encoding"),
            $"'{ObjectReader.Shorten(name)}' is not an encoding that is read. Use {DidYouMean.OneOf(TextEncodings.Names)}.{DidYouMean.Sentence(name, TextEncodings.Names)}");
        return encoding;
    }
}
