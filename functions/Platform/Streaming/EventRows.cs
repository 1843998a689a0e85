using System.Globalization;
using DataPlatform.Ingestion.CloudEvents;
using DataPlatform.Ingestion.Streaming;
using DataPlatform.Operations;

namespace DataPlatform.Streaming;

/// <summary>Makes rows of events: what an event is follows from its media type and properties; its body is looked into later.</summary>
internal static class EventRows
{
    private const string MediaTypes = "application/cloudevents";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    // What is no JSON text at all: read as a row it is a broken one, with a line of its own in the raw zone.
    private static readonly byte[] Nothing = "null"u8.ToArray();

    /// <param name="application">Names the partition; with the sequence number, an event that has no better name.</param>
    public static EventRow Of(StreamEvent source, string application)
    {
        var receipt = source.Properties.GetValueOrDefault(EventProperties.Receipt) as string;
        var index = Index(source.Properties.GetValueOrDefault(EventProperties.Index));
        if (receipt is null || index is null || !BatchId.TryGetDataset(receipt, out _))
            receipt = null;
        var key = receipt is not null
            ? CloudEvent.KeyOf("\0receipt", string.Create(CultureInfo.InvariantCulture, $"{receipt}#{index}"))
            : CloudEvent.KeyOf("\0stream", string.Create(CultureInfo.InvariantCulture, $"{application}#{source.SequenceNumber}"));
        var isStructured = source.ContentType?.StartsWith(MediaTypes, StringComparison.OrdinalIgnoreCase) == true;
        var attributes = isStructured ? null : Attributes(source);
        var text = attributes is not null ? CloudEventBinding.Write(attributes, source.Body) : source.Body;
        if (text.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            text = Nothing;
        return new EventRow(
            source.SequenceNumber, source.Enqueued, text, isStructured || attributes is not null, key, receipt, receipt is null ? 0 : index!.Value);
    }

    /// <summary>The attributes of a CloudEvent in binary mode; null for what is none.</summary>
    private static Dictionary<string, string>? Attributes(StreamEvent source)
    {
        Dictionary<string, string>? attributes = null;
        foreach (var (property, value) in source.Properties)
        {
            if (NameOf(property) is { } name)
                (attributes ??= new(StringComparer.Ordinal))[name] = Text(value);
        }

        // Of an event that has a type already, the sender's word on its data is that of the message.
        if (attributes is not null && !string.IsNullOrEmpty(source.ContentType))
            attributes[CloudEventAttributes.DataContentType] = source.ContentType;
        return attributes;
    }

    private static string? NameOf(string property) =>
        property.StartsWith(EventProperties.CloudEvent, StringComparison.OrdinalIgnoreCase) ? property[EventProperties.CloudEvent.Length..]
        : property.StartsWith(EventProperties.CloudEventInNames, StringComparison.OrdinalIgnoreCase) ? property[EventProperties.CloudEventInNames.Length..]
        : null;

    /// <summary>A value in the canonical text form of its type (CloudEvents 1.0.2, "Type System").</summary>
    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        byte[] bytes => Convert.ToBase64String(bytes),
        ReadOnlyMemory<byte> bytes => Convert.ToBase64String(bytes.Span),
        DateTimeOffset time => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
        DateTime time => time.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static long? Index(object? value) => value switch
    {
        string text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) => index,
        int index and >= 0 => index,
        long index and >= 0 => index,
        _ => null,
    };
}
