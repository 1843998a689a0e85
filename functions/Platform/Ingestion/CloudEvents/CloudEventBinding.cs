using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using Microsoft.Extensions.Primitives;

namespace DataPlatform.Ingestion.CloudEvents;

/// <summary>Brings events of HTTP's binary mode, whose attributes are headers, into the JSON format: what is kept and hashed of a request is all of its
/// event.</summary>
public sealed class CloudEventBinding(IngestionLimits limits)
{
    /// <summary>Media type and body of a request, an event of binary mode as one of the JSON format.</summary>
    /// <exception cref="TerminalException"><c>InvalidCloudEvent</c>; <c>UnsupportedMediaType</c>: its body is compressed; <c>BodyTooLarge</c>.</exception>
    public async Task<(string? ContentType, Stream Body)> ReadAsync(
        IEnumerable<KeyValuePair<string, StringValues>> headers, string? contentType, string? contentEncoding, Stream body, CancellationToken cancellationToken)
    {
        if (!CloudEventHeaders.AreIn(headers, contentType))
            return (contentType, body);

        var attributes = CloudEventHeaders.Read(headers, contentType);
        if (!string.IsNullOrEmpty(contentEncoding) && !contentEncoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw BatchMedia.Unsupported("An event whose attributes are headers has a body that is not compressed.", "Content-Encoding");
        var data = await ReadAsync(body, cancellationToken);
        return (BatchMedia.CloudEvent, new MemoryStream(Write(attributes, data), writable: false));
    }

    /// <summary>An event as the JSON format has it.</summary>
    internal static byte[] Write(IReadOnlyDictionary<string, string> attributes, ReadOnlyMemory<byte> data)
    {
        var target = new ArrayBufferWriter<byte>(data.Length + 512);
        using (var writer = new Utf8JsonWriter(target, JsonRow.Options))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in attributes)
                writer.WriteString(name, value);
            if (data.Length == 0)
            {
                // No data.
            }
            else if (CloudEvent.IsJson(attributes.GetValueOrDefault(CloudEventAttributes.DataContentType)) && IsJson(data.Span))
            {
                writer.WritePropertyName(CloudEventAttributes.Data);
                writer.WriteRawValue(data.Span, skipInputValidation: true);
            }
            else
            {
                writer.WriteBase64String(CloudEvent.Base64, data.Span);
            }

            writer.WriteEndObject();
        }

        return target.WrittenSpan.ToArray();
    }

    /// <summary>Whether the text can stand within another one: it is one whole value.</summary>
    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
            return false;
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = int.MaxValue });
            while (reader.Read())
            {
                // To its end.
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var target = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                target.Write(buffer, 0, read);
                if (target.Length > limits.MaxRowBytes)
                    throw new TerminalException(FailureKind.TooLarge, "BodyTooLarge", $"The event's data has more than {limits.MaxRowBytes} bytes, the most a row may have. Nothing was stored.", "body");
            }

            return target.GetBuffer().AsMemory(0, (int)target.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
