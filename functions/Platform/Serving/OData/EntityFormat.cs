using System.Globalization;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Serving.OData;

/// <summary>How entities are written: JSON with parameters.</summary>
/// <param name="TextNumbers"><c>IEEE754Compatible</c>: numbers of 64 bits and decimals are text, for clients that have doubles only.</param>
internal sealed record EntityFormat(MetadataLevel Level, bool TextNumbers)
{
    public string ContentType =>
        $"application/json;odata.metadata={Level.ToString().ToLowerInvariant()};odata.streaming=true;IEEE754Compatible={(TextNumbers ? "true" : "false")};charset=utf-8";

    /// <summary>By <c>$format</c>, else by <c>Accept</c>.</summary>
    /// <exception cref="TerminalException">400 <c>InvalidQueryOption</c>, 406 <c>NotAcceptable</c>.</exception>
    public static EntityFormat Choose(string? option, IHeaderDictionary headers)
    {
        if (option is not null)
        {
            var text = option.Equals("json", StringComparison.OrdinalIgnoreCase) ? "application/json" : option;
            return (MediaTypeHeaderValue.TryParse(text, out var type) ? Of(type) : null)
                ?? throw new TerminalException(
                    FailureKind.NotAcceptable, "NotAcceptable", "The option $format must be json, or application/json with odata.metadata=minimal, full or none.", "$format");
        }

        if (headers.Accept.Count == 0 || string.IsNullOrWhiteSpace(headers.Accept.ToString()))
            return new EntityFormat(MetadataLevel.Minimal, false);
        return Ranges(headers).Select(Of).FirstOrDefault(format => format is not null)
            ?? throw new TerminalException(
                FailureKind.NotAcceptable, "NotAcceptable", "Entities come as application/json, which the Accept header does not allow. Say $format=json, or accept */*.", "Accept");
    }

    /// <summary>Metadata is XML even for those who like JSON better (Power Query does), but not for those who take JSON alone by <c>$format</c>.</summary>
    /// <exception cref="TerminalException">406 <c>NotAcceptable</c>.</exception>
    public static void RequireXml(string? option)
    {
        if (option is not null && option.Split(';')[0].Trim().ToLowerInvariant() is not ("xml" or "application/xml"))
            throw new TerminalException(FailureKind.NotAcceptable, "NotAcceptable", "The metadata document comes as XML: leave $format out, or say $format=xml.", "$format");
    }

    private static IEnumerable<MediaTypeHeaderValue> Ranges(IHeaderDictionary headers) =>
        MediaTypeHeaderValue.TryParseList(headers.Accept, out var ranges)
            ? ranges.Where(range => range.Quality != 0).OrderByDescending(range => range.Quality ?? 1)
            : [];

    /// <returns>Null when JSON as it is written here is not in the range.</returns>
    private static EntityFormat? Of(MediaTypeHeaderValue range)
    {
        if (!range.MatchesAllTypes
            && !(range.MatchesAllSubTypes && range.Type.Equals("application", StringComparison.OrdinalIgnoreCase))
            && !range.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            return null;

        var (level, text) = (MetadataLevel.Minimal, false);
        foreach (var parameter in range.Parameters)
        {
            var value = HeaderUtilities.RemoveQuotes(parameter.Value).ToString();
            switch (parameter.Name.ToString().ToLowerInvariant())
            {
                case "odata.metadata" or "metadata":
                    if (!Enum.TryParse(value, ignoreCase: true, out level) || char.IsAsciiDigit(value[0]))
                        return null;
                    break;
                case "ieee754compatible":
                    if (!bool.TryParse(value, out text))
                        return null;
                    break;
                case "charset" when !value.Equals("utf-8", StringComparison.OrdinalIgnoreCase):
                    return null;
                default:
                    break; // odata.streaming is granted anyway; what is not known is no reason to refuse.
            }
        }

        return new EntityFormat(level, text);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Level} {TextNumbers}");
}
