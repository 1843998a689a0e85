using System.Text;
using DataPlatform.Failures;
using Microsoft.Extensions.Primitives;

namespace DataPlatform.Ingestion.CloudEvents;

/// <summary>Attributes in HTTP headers (CloudEvents HTTP Protocol Binding 1.0.2, section 3.1).</summary>
internal static class CloudEventHeaders
{
    private const string Prefix = "ce-";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a request is an event in binary mode: it has a header of a required attribute, and its body is no event.</summary>
    public static bool AreIn(IEnumerable<KeyValuePair<string, StringValues>> headers, string? contentType) =>
        contentType?.StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase) != true
        && headers.Any(header => NameOf(header.Key) is CloudEventAttributes.SpecVersion or CloudEventAttributes.Id or CloudEventAttributes.Source or CloudEventAttributes.Type);

    /// <summary>The attributes of a request in binary mode.</summary>
    /// <exception cref="TerminalException"><c>InvalidCloudEvent</c>, naming the header.</exception>
    public static IReadOnlyDictionary<string, string> Read(IEnumerable<KeyValuePair<string, StringValues>> headers, string? contentType)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (header, values) in headers)
        {
            if (NameOf(header) is not { } name)
                continue;
            if (values.Count != 1)
                throw Invalid(name, $"The header '{Prefix}{name}' is there {values.Count} times: give it once.");
            if (name == CloudEventAttributes.DataContentType)
                throw Invalid(name, "The type of an event's data is the header Content-Type: leave out 'ce-datacontenttype'.");
            if (!TryDecode(values[0] ?? "", out var value))
                throw Invalid(name, $"The header '{Prefix}{name}' is not UTF-8 behind its percent signs.");
            attributes[name] = value;
        }

        if (!string.IsNullOrEmpty(contentType))
            attributes[CloudEventAttributes.DataContentType] = contentType;
        try
        {
            CloudEventAttributes.Check(attributes);
            return attributes;
        }
        catch (CloudEventException fault)
        {
            throw Invalid(fault.Attribute, fault.Message);
        }
    }

    /// <summary>Undoes quotes and one round of percent-encoding. A percent sign without two digits stands for itself, as older senders mean it.</summary>
    public static bool TryDecode(string text, out string value)
    {
        text = Unquote(text);
        value = text;
        if (!text.Contains('%', StringComparison.Ordinal))
            return true;

        // Characters beyond ASCII are no part of headers, but some senders put them there.
        var bytes = new List<byte>(text.Length);
        Span<byte> rune = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else if (Rune.TryGetRuneAt(text, i, out var character))
            {
                bytes.AddRange(rune[..character.EncodeToUtf8(rune)]);
                i += character.Utf16SequenceLength - 1;
            }
            else
            {
                return false;
            }
        }

        try
        {
            value = Strict.GetString([.. bytes]);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static string Unquote(string text)
    {
        text = text.Trim();
        if (text.Length < 2 || text[0] != '"' || text[^1] != '"')
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length - 1)
                i++;
            plain.Append(text[i]);
        }

        return plain.ToString();
    }

    private static string? NameOf(string header) =>
        header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header[Prefix.Length..].ToLowerInvariant() : null;

    private static TerminalException Invalid(string? attribute, string message) =>
        new(FailureKind.Invalid, "InvalidCloudEvent", $"{message} Nothing was stored.", attribute is null ? "headers" : Prefix + attribute);
}
