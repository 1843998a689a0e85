using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>
/// Broken rows as NDJSON, one object a row: <c>row</c> (number in the batch, from 1), <c>line</c> (from 1) and <c>offset</c> (bytes
/// before the row) when the format has them, <c>raw</c> (the row's text), <c>rawBase64</c> (its bytes, when they are not
/// UTF-8), <c>truncated</c> (when the row was too long to keep whole), <c>withheld</c> in place of <c>raw</c>
/// (when personal values in it could not be told from others) and <c>errors</c> with <c>column</c>, <c>rule</c>,
/// <c>message</c> and <c>value</c>: the first 50, and <c>moreErrors</c> with the number of the others. The first row of a CSV file also has
/// its <c>header</c> row, so that the values of all can be told apart later, and a row that came as an event its <c>event</c>, so that it counts
/// once also after it was mended; one out of a stream also its <c>partition</c> and <c>sequence</c>.
/// </summary>
internal sealed class QuarantineBuffer : IDisposable
{
    public static ReadOnlySpan<byte> HeaderMember => "header"u8;

    public static ReadOnlySpan<byte> EventMember => "event"u8;

    // A file with a thousand unknown columns must not become a quarantine file a hundred times its size.
    private const int MaxErrors = 50;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] RuleNames = [.. Enum.GetNames<RowRule>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Utf8JsonWriter _writer;

    public QuarantineBuffer() => _writer = new Utf8JsonWriter(_bytes, Options);

    /// <summary>The header row to write with the next row, if any.</summary>
    public string? Header { get; set; }

    /// <summary>What stands for the event that the row at hand came as; null when it came as none.</summary>
    public string? Event { get; set; }

    /// <summary>Where in a stream the row at hand was; null when it was in none.</summary>
    public (string Partition, long Sequence)? Stream { get; set; }

    public int Length => _bytes.WrittenCount;

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public void Add(long row, long? line, long? offset, ReadOnlySpan<byte> raw, bool truncated, IReadOnlyList<RowError> errors, bool withheld = false)
    {
        _writer.Reset();
        _writer.WriteStartObject();
        _writer.WriteNumber("row"u8, row);
        if (line is { } number)
            _writer.WriteNumber("line"u8, number);
        if (offset is { } bytes)
            _writer.WriteNumber("offset"u8, bytes);
        if (Header is { } header)
        {
            _writer.WriteString(HeaderMember, header);
            Header = null;
        }

        if (Event is not null)
            _writer.WriteString(EventMember, Event);
        if (Stream is { } place)
        {
            _writer.WriteString("partition"u8, place.Partition);
            _writer.WriteNumber("sequence"u8, place.Sequence);
        }

        if (withheld)
        {
            _writer.WriteBoolean("withheld"u8, true);
        }
        else if (Utf8.IsValid(raw))
        {
            _writer.WriteString("raw"u8, raw);
        }
        else
        {
            _writer.WriteString("raw"u8, System.Text.Encoding.UTF8.GetString(raw));
            _writer.WriteBase64String("rawBase64"u8, raw);
        }

        if (truncated)
            _writer.WriteBoolean("truncated"u8, true);
        _writer.WriteStartArray("errors"u8);
        foreach (var error in errors.Take(MaxErrors))
        {
            _writer.WriteStartObject();
            if (error.Column is not null)
                _writer.WriteString("column"u8, error.Column);
            _writer.WriteString("rule"u8, RuleNames[(int)error.Rule]);
            _writer.WriteString("message"u8, error.Message);
            if (error.Value is not null)
                _writer.WriteString("value"u8, error.Value);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        if (errors.Count > MaxErrors)
            _writer.WriteNumber("moreErrors"u8, errors.Count - MaxErrors);
        _writer.WriteEndObject();
        _writer.Flush();
        _bytes.Write("\n"u8);
    }

    public void Clear() => _bytes.ResetWrittenCount();

    public void Dispose() => _writer.Dispose();
}
