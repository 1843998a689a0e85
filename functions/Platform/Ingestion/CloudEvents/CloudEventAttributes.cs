using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace DataPlatform.Ingestion.CloudEvents;

/// <summary>What the specification (CloudEvents 1.0.2, "Context Attributes" and "Type System") asks of names and values. Values are in their
/// canonical text form: booleans <c>true</c> and <c>false</c>, integers in digits, all others as they are.</summary>
internal static partial class CloudEventAttributes
{
    public const string SpecVersion = "specversion";
    public const string Id = "id";
    public const string Source = "source";
    public const string Type = "type";
    public const string DataContentType = "datacontenttype";
    public const string DataSchema = "dataschema";
    public const string Subject = "subject";
    public const string Time = "time";

    /// <summary>The member of the JSON format that holds the data; not an attribute.</summary>
    public const string Data = "data";

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> UriCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    private static readonly string[] Required = [SpecVersion, Id, Source, Type];

    public static bool IsName(ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExcept(NameCharacters);

    /// <summary>Whether the attribute's type is one of text: String, URI, URI-reference or Timestamp.</summary>
    public static bool IsText(string name) => name is SpecVersion or Id or Source or Type or DataContentType or DataSchema or Subject or Time;

    /// <exception cref="CloudEventException">The event breaks a rule.</exception>
    public static void Check(IReadOnlyDictionary<string, string> attributes)
    {
        foreach (var name in Required)
        {
            if (!attributes.TryGetValue(name, out var value))
                throw new CloudEventException(name, $"The event has no '{name}', which every CloudEvent needs.");
            if (value.Length == 0)
                throw new CloudEventException(name, $"The event's '{name}' is empty.");
        }

        if (attributes[SpecVersion] != "1.0")
            throw new CloudEventException(SpecVersion, "The event's 'specversion' is not '1.0', the version that is read.");
        foreach (var (name, value) in attributes)
            Check(name, value);
    }

    /// <summary>RFC 3986, section 4.1.</summary>
    public static bool IsUriReference(string text)
    {
        if (text.AsSpan().ContainsAnyExcept(UriCharacters) || text.Count(character => character == '#') > 1)
            return false;
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
                return false;
        }

        // A colon before the first '/', '?' or '#' ends a scheme, and a scheme has rules of its own.
        var end = text.AsSpan().IndexOfAny(":/?#");
        return end < 0 || text[end] != ':' || IsScheme(text.AsSpan(0, end));
    }

    public static bool IsUri(string text) => IsUriReference(text) && text.AsSpan().IndexOfAny(":/?#") is var end and > 0 && text[end] == ':';

    /// <summary>RFC 3339, section 5.6.</summary>
    public static bool IsTimestamp(string text)
    {
        if (!Rfc3339().IsMatch(text))
            return false;

        // Second 60 is a leap second.
        var usual = text[17] == '6' ? $"{text[..17]}59{text[19..]}" : text;
        return DateTimeOffset.TryParseExact(usual[..19], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)
            || DateTimeOffset.TryParseExact(usual[..19], "yyyy-MM-dd't'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
    }

    private static void Check(string name, string value)
    {
        if (!IsName(name))
            throw new CloudEventException(null, "The event has an attribute whose name is not made of lowercase letters and digits only.");
        if (name == Data)
            throw new CloudEventException(null, "The event has an attribute named 'data', which is no attribute's name.");
        if (FindForbidden(value))
            throw new CloudEventException(name, $"The event's '{name}' has a control character or half of a surrogate pair.");
        var fault = name switch
        {
            Source when !IsUriReference(value) => "is not a URI-reference (RFC 3986), such as https://example.com/orders, urn:device:7 or /orders",
            DataSchema when !IsUri(value) => "is not an absolute URI (RFC 3986)",
            Time when !IsTimestamp(value) => "is not a time as RFC 3339 has it, such as 2026-12-31T23:59:59Z",
            DataContentType when !Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(value, out _) => "is not a media type, such as application/json",
            Subject or DataSchema or DataContentType when value.Length == 0 => "is empty: leave it out",
            _ => null,
        };
        if (fault is not null)
            throw new CloudEventException(name, $"The event's '{name}' {fault}.");
    }

    private static bool IsScheme(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetter(text[0]))
            return false;
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('+' or '-' or '.'))
                return false;
        }

        return true;
    }

    private static bool FindForbidden(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                if ((char.ConvertToUtf32(value[i], value[i + 1]) & 0xFFFE) == 0xFFFE)
                    return true;
                i++;
            }
            else if (value[i] is < ' ' or (>= '\u007F' and <= '\u009F') or (>= '\uFDD0' and <= '\uFDEF') or >= '\uFFFE' || char.IsSurrogate(value[i]))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Rfc3339();
}
