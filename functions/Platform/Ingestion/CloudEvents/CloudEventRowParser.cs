using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.CloudEvents;

/// <summary>
/// Takes events apart into rows. A row has the members of the event's <c>data</c>, which must be an object, and under <c>ce:{name}</c> those
/// attributes that a field of the contract names as its <c>source</c>; in this form it is kept when it is broken.
/// </summary>
/// <param name="single">The body is one event: one that is none is the caller's mistake, and the body is refused. Otherwise it is a broken row.</param>
internal class CloudEventRowParser(IngestionLimits limits, bool single) : JsonRowParser(limits)
{
    /// <summary>Starts the names by which contracts speak of attributes.</summary>
    public const string Prefix = "ce:";

    private readonly int _maxDepth = limits.MaxJsonDepth;
    private readonly ArrayBufferWriter<byte> _row = new();
    private readonly List<(ColumnSlot Slot, string Attribute)> _mapped = [];
    private ColumnSlot? _event;

    public override void Start(RowCollector rows)
    {
        base.Start(rows);
        foreach (var slot in rows.Slots)
        {
            if (slot.Field.InputName.StartsWith(Prefix, StringComparison.Ordinal))
                _mapped.Add((slot, slot.Field.InputName[Prefix.Length..]));
        }

        _event = rows.AddEvents();
    }

    public override void ReadRow(RowCollector rows, ReadOnlySpan<byte> text, bool isAscii, long line, long offset)
    {
        rows.Quarantine.Event = null;
        try
        {
            if (!isAscii && !Utf8.IsValid(text))
                throw new CloudEventException(null, "The event is not UTF-8.");
            var read = CloudEvent.Read(text, _maxDepth);
            if (!TryCompose(read, text, out var fault))
            {
                rows.EndBrokenRow(new RowError(CloudEventAttributes.Data, RowRule.Event, fault!), text, line, offset);
                return;
            }

            if (_event is not null)
                rows.PutText(_event, Encoding.ASCII.GetBytes(read.Key));
            rows.Quarantine.Event = read.Key;
            base.ReadRow(rows, _row.WrittenSpan, isAscii: false, line, offset);
        }
        catch (CloudEventException fault)
        {
            Refuse(rows, fault.Attribute, fault.Message, text, line, offset);
        }
        catch (JsonException fault)
        {
            Refuse(rows, null, Describe(fault, text), text, line, offset);
        }
    }

    /// <summary>Reads a row that is no CloudEvent and counts once all the same.</summary>
    /// <param name="key">What stands for it.</param>
    protected void ReadPlain(RowCollector rows, string key, ReadOnlySpan<byte> text, long line, long offset)
    {
        if (_event is not null)
            rows.PutText(_event, Encoding.ASCII.GetBytes(key));
        rows.Quarantine.Event = key;
        base.ReadRow(rows, text, isAscii: false, line, offset);
    }

    private void Refuse(RowCollector rows, string? attribute, string message, ReadOnlySpan<byte> text, long line, long offset)
    {
        if (single)
            throw new TerminalException(FailureKind.Invalid, "InvalidCloudEvent", $"{message} Nothing was stored.", attribute ?? "body");
        rows.EndBrokenRow(new RowError(attribute is null ? null : Prefix + attribute, RowRule.Event, message), text, line, offset);
    }

    /// <summary>Writes the event as a row.</summary>
    private bool TryCompose(CloudEvent read, ReadOnlySpan<byte> text, out string? fault)
    {
        _row.ResetWrittenCount();
        fault = null;
        var data = text[read.Data];
        switch (read.Form)
        {
            case CloudEventData.None:
                data = "{}"u8;
                break;
            case CloudEventData.Base64 when !read.HoldsJson:
                fault = $"The event's data is '{read.Attributes[CloudEventAttributes.DataContentType]}'. A row is a JSON object: send the data as JSON.";
                return false;
            case CloudEventData.Base64 when !TryDecode(data, out data):
                fault = "The event's 'data_base64' is not Base64.";
                return false;
            case CloudEventData.Base64 when !IsJson(data):
                fault = "The event's data is not valid JSON, though its datacontenttype says so.";
                return false;
        }

        data = data[Math.Max(0, data.IndexOfAnyExcept(" \t\r\n"u8))..];
        if (data.IsEmpty || data[0] != '{')
        {
            fault = "The event's data is not a JSON object. A row is made of the object's members.";
            return false;
        }

        if (_mapped.Count == 0)
        {
            _row.Write(data);
            return true;
        }

        // A member of the data that has an attribute's name is there twice then, and breaks the row: it cannot pass for the attribute.
        using var writer = new Utf8JsonWriter(_row, JsonRow.Options);
        writer.WriteStartObject();
        foreach (var (slot, attribute) in _mapped)
        {
            writer.WritePropertyName(slot.Field.InputName);
            Write(writer, slot, read.Attributes.GetValueOrDefault(attribute));
        }

        writer.Flush();
        var members = data[1..];
        if (members[members.IndexOfAnyExcept(" \t\r\n"u8)] != '}')
            _row.Write(","u8);
        _row.Write(members);
        return true;
    }

    private static void Write(Utf8JsonWriter writer, ColumnSlot slot, string? value)
    {
        if (value is null)
            writer.WriteNullValue();
        else if (slot.Column.Type is FieldType.Bool && value is "true" or "false")
            writer.WriteBooleanValue(value == "true");
        else if (slot.Column.Type is FieldType.Int32 or FieldType.Int64 or FieldType.Float64 or FieldType.Decimal && IsNumber(value))
            writer.WriteRawValue(value, skipInputValidation: true);
        else
            writer.WriteStringValue(value);
    }

    private static bool IsNumber(string value)
    {
        var text = Encoding.UTF8.GetBytes(value);
        var reader = new Utf8JsonReader(text);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.BytesConsumed == text.Length && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool IsJson(ReadOnlySpan<byte> data)
    {
        if (!Utf8.IsValid(data))
            return false;
        try
        {
            var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = _maxDepth + 1 });
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

    /// <param name="json">The JSON string.</param>
    private static bool TryDecode(ReadOnlySpan<byte> json, out ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var found = reader.TryGetBytesFromBase64(out var value);
        bytes = value;
        return found;
    }
}
