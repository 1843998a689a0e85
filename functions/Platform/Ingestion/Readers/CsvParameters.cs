using DataPlatform.Catalog;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Ingestion.Readers;

/// <summary>What a media type says of CSV: it goes before the contract's <c>csv</c>. Besides RFC 4180's <c>charset</c> and <c>header</c> there are
/// <c>delimiter</c> and <c>quote</c>.</summary>
/// <param name="Delimiter">Null: as the contract has it.</param>
/// <param name="Quote">As a contract writes it, empty for none; null: as the contract has it.</param>
/// <param name="Header">Null: as the contract has it.</param>
public sealed record CsvParameters(char? Delimiter, string? Quote, bool? Header)
{
    public static readonly CsvParameters None = new(null, null, null);

    // Characters that clients cannot put in a header as they are.
    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tab"] = "\t",
        ["none"] = "",
    };

    /// <exception cref="Failures.TerminalException"><c>UnsupportedMediaType</c>: a parameter is unknown or has no such value.</exception>
    public static CsvParameters Of(MediaTypeHeaderValue media, bool isTabSeparated)
    {
        var parameters = None with { Delimiter = isTabSeparated ? '\t' : null };
        foreach (var parameter in media.Parameters)
        {
            var value = HeaderUtilities.UnescapeAsQuotedString(parameter.Value).ToString();
            parameters = parameter.Name.Value?.ToLowerInvariant() switch
            {
                "header" when value.Equals("present", StringComparison.OrdinalIgnoreCase) => parameters with { Header = true },
                "header" when value.Equals("absent", StringComparison.OrdinalIgnoreCase) => parameters with { Header = false },
                "delimiter" when Mark(value) is { Length: 1 } mark => parameters with { Delimiter = mark[0] },
                "quote" when Mark(value) is { } mark => parameters with { Quote = mark },
                "charset" => parameters,
                _ => throw BatchMedia.Unsupported(
                    $"The parameter '{parameter}' of the Content-Type is not read. Known are charset, header=present or absent, delimiter and quote "
                    + "(one ASCII character that is no letter or digit, as in delimiter=\";\"; also delimiter=tab and quote=none).", "Content-Type"),
            };
        }

        return parameters;
    }

    public CsvDialect ApplyTo(CsvDialect contract) => contract with
    {
        Delimiter = Delimiter ?? contract.Delimiter,
        Quote = Quote is null ? contract.Quote : Quote.Length == 0 ? null : Quote[0],
        Header = Header ?? contract.Header,
    };

    private static string? Mark(string value)
    {
        value = Words.GetValueOrDefault(value, value);
        return value.Length == 0 || (value.Length == 1 && CsvDialectParser.IsMark(value[0])) ? value : null;
    }
}
