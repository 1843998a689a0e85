using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Ingestion.CloudEvents;

/// <summary>An event as the JSON format (CloudEvents JSON Event Format 1.0.2) has it.</summary>
/// <param name="Attributes">The context attributes by name, in canonical text form; as <see cref="CloudEventAttributes.Check(IReadOnlyDictionary{string, string})"/> asks.</param>
/// <param name="Data">Where the data's text lies in the event's; with <see cref="CloudEventData.Base64"/> the JSON string.</param>
internal sealed record CloudEvent(IReadOnlyDictionary<string, string> Attributes, CloudEventData Form, Range Data)
{
    /// <summary>The member of the JSON format that holds data that is no JSON.</summary>
    public const string Base64 = "data_base64";

    public string Id => Attributes[CloudEventAttributes.Id];

    public string Source => Attributes[CloudEventAttributes.Source];

    /// <summary>Whether the data is JSON by its content type. Events that say nothing hold JSON.</summary>
    public bool HoldsJson => IsJson(Attributes.GetValueOrDefault(CloudEventAttributes.DataContentType));

    /// <summary>Stands for <c>source</c> and <c>id</c>, which together name an event: 32 hexadecimal digits.</summary>
    public string Key => KeyOf(Source, Id);

    /// <inheritdoc cref="Key"/>
    public static string KeyOf(string source, string id)
    {
        // A URI-reference has no space, so the two cannot run together.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{source} {id}"), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    public static bool IsJson(string? contentType) =>
        contentType is null
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)));

    /// <param name="text">An event: UTF-8.</param>
    /// <param name="maxDepth">Of the data.</param>
    /// <exception cref="CloudEventException">It is JSON, and no event.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static CloudEvent Read(ReadOnlySpan<byte> text, int maxDepth)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new CloudEventException(null, "An event is a JSON object.");

        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var form = CloudEventData.None;
        Range data = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = TextOf(ref reader, null);
            if (!seen.Add(name))
                throw new CloudEventException(CloudEventAttributes.IsName(name) ? name : null, "The event has a member twice.");
            reader.Read();
            if (name is CloudEventAttributes.Data or Base64)
            {
                if (reader.TokenType == JsonTokenType.Null)
                    continue;
                if (form != CloudEventData.None)
                    throw new CloudEventException(null, "The event has both 'data' and 'data_base64': it may have one of them.");
                if (name == Base64 && reader.TokenType != JsonTokenType.String)
                    throw new CloudEventException(null, "The event's 'data_base64' is not a text.");
                form = name == Base64 ? CloudEventData.Base64 : CloudEventData.Json;
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                data = start..(int)reader.BytesConsumed;
            }
            else if (reader.TokenType != JsonTokenType.Null)
            {
                attributes.Add(name, ValueOf(ref reader, name));
            }
        }

        if (reader.Read())
            throw new JsonException("Something follows the object.");
        CloudEventAttributes.Check(attributes);
        return new CloudEvent(attributes, form, data);
    }

    private static string ValueOf(ref Utf8JsonReader reader, string name)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return TextOf(ref reader, name);
            case JsonTokenType.True or JsonTokenType.False when !CloudEventAttributes.IsText(name):
                return reader.TokenType == JsonTokenType.True ? "true" : "false";
            case JsonTokenType.Number when !CloudEventAttributes.IsText(name) && reader.TryGetInt32(out var number):
                return number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            default:
                throw new CloudEventException(
                    CloudEventAttributes.IsName(name) ? name : null,
                    CloudEventAttributes.IsText(name) ? $"The event's '{name}' is not a text."
                    : "An attribute of the event is neither a text, nor true or false, nor a whole number of 32 bits. What is no attribute belongs into 'data'.");
        }
    }

    private static string TextOf(ref Utf8JsonReader reader, string? name)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new CloudEventException(name, "A text of the event has half of a surrogate pair.");
        }
    }
}
