using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Serving;

/// <summary>Names and media types of <see cref="RowFormat"/>.</summary>
internal static class RowFormats
{
    private static readonly (RowFormat Format, string Name, string MediaType)[] All =
    [
        (RowFormat.Json, "json", "application/json"),
        (RowFormat.Ndjson, "ndjson", "application/x-ndjson"),
        (RowFormat.Csv, "csv", "text/csv"),
        (RowFormat.Arrow, "arrow", "application/vnd.apache.arrow.stream"),
        (RowFormat.Parquet, "parquet", "application/vnd.apache.parquet"),
    ];

    public static string ContentType(RowFormat format) => All[(int)format].MediaType + (format is RowFormat.Arrow or RowFormat.Parquet ? "" : "; charset=utf-8");

    /// <summary>The <c>format</c> option if given, else the best of the <c>Accept</c> header.</summary>
    /// <exception cref="TerminalException">400 <c>InvalidQueryOption</c>, 406 <c>NotAcceptable</c>.</exception>
    public static RowFormat Choose(string? option, IHeaderDictionary headers) => Choose(option, headers, All);

    /// <summary>One that is written row by row.</summary>
    /// <inheritdoc cref="Choose(string?, IHeaderDictionary)"/>
    public static RowFormat ChooseStreamed(string? option, IHeaderDictionary headers) => Choose(option, headers, All.AsSpan(0, All.Length - 1));

    private static RowFormat Choose(string? option, IHeaderDictionary headers, ReadOnlySpan<(RowFormat Format, string Name, string MediaType)> offered)
    {
        if (option is not null)
        {
            foreach (var known in offered)
            {
                if (known.Name == option)
                    return known.Format;
            }

            throw new TerminalException(
                FailureKind.Invalid, "InvalidQueryOption", $"The option format is '{option}' and must be {string.Join(", ", offered[..^1].ToArray().Select(known => known.Name))} or {offered[^1].Name}.", "format");
        }

        var accept = headers.Accept;
        if (accept.Count == 0 || string.IsNullOrWhiteSpace(accept.ToString()))
            return RowFormat.Json;

        if (MediaTypeHeaderValue.TryParseList(accept, out var ranges))
        {
            foreach (var range in ranges.Where(range => range.Quality != 0).OrderByDescending(range => range.Quality ?? 1))
            {
                foreach (var known in offered)
                {
                    // Parameters of the range (charset, odata.metadata) are no reason to refuse.
                    if (range.MatchesAllTypes
                        || (range.MatchesAllSubTypes && known.MediaType.AsSpan(0, known.MediaType.IndexOf('/')).Equals(range.Type, StringComparison.OrdinalIgnoreCase))
                        || range.MediaType.Equals(known.MediaType, StringComparison.OrdinalIgnoreCase))
                        return known.Format;
                }
            }
        }

        throw new TerminalException(
            FailureKind.NotAcceptable,
            "NotAcceptable",
            $"Rows come as {string.Join(", ", offered.ToArray().Select(known => known.MediaType))}; the Accept header allows none of them. Say format=json, or accept */*.",
            "Accept");
    }
}
