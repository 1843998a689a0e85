using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlatform;

/// <summary>Timestamps as ISO 8601 in UTC: <c>2026-01-31T12:00:00Z</c>, with up to seven decimals. Without an offset, read as UTC (the
/// serializer itself would take the machine's zone).</summary>
internal sealed class UtcTimestampConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // TryGetDateTimeOffset is the strict check of the format; the lenient Parse below knows the rule for a missing offset.
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out _))
            throw new JsonException("A timestamp is an ISO 8601 string such as \"2026-01-31T12:00:00Z\".");

        return DateTimeOffset.Parse(
            reader.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[32];
        value.UtcDateTime.TryFormat(text, out var length, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}
