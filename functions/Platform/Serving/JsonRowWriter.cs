using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataPlatform.Tables;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataPlatform.Serving;

/// <summary>
/// Rows as JSON objects, in one document or one a line. Numbers are JSON numbers with all their digits, NaN and infinities null,
/// timestamps ISO 8601 with <c>Z</c>, binary base64.
/// </summary>
internal sealed class JsonRowWriter : RowWriter, IDisposable
{
    private readonly ArrayBufferWriter<byte> _target;
    private readonly bool _lines;
    private readonly Utf8JsonWriter _json;
    private readonly JsonEncodedText[] _names;

    public JsonRowWriter(IReadOnlyList<TableColumn> columns, ArrayBufferWriter<byte> target, bool lines)
        : base(columns)
    {
        _target = target;
        _lines = lines;
        _json = new Utf8JsonWriter(target, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        _names = [.. columns.Select(column => JsonEncodedText.Encode(column.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping))];
    }

    public override long Pending => _json.BytesPending;

    public override void Begin(long? count)
    {
        if (_lines)
            return;
        _json.WriteStartObject();
        if (count is { } rows)
            _json.WriteNumber("count"u8, rows);
        _json.WriteStartArray("value"u8);
    }

    public override void Write(DuckDBDataReader row)
    {
        _json.WriteStartObject();
        for (var ordinal = 0; ordinal < Kinds.Length; ordinal++)
        {
            _json.WritePropertyName(_names[ordinal]);
            WriteCell(_json, row, ordinal, Kinds[ordinal]);
        }

        _json.WriteEndObject();
        if (_lines)
        {
            _json.Flush();
            _json.Reset();
            _target.Write("\n"u8);
        }
    }

    public override void End(string? nextLink = null, string? next = null)
    {
        if (_lines)
            return;
        _json.WriteEndArray();
        if (nextLink is not null)
        {
            _json.WriteString("nextLink"u8, nextLink);
            _json.WriteString("next"u8, next);
        }

        _json.WriteEndObject();
    }

    public override void EndTruncated()
    {
        if (_lines)
            return;
        _json.WriteEndArray();
        _json.WriteBoolean("truncated"u8, true);
        _json.WriteEndObject();
    }

    public override void Flush() => _json.Flush();

    public void Dispose() => _json.Dispose();

    /// <summary>One value, wherever rows are written as JSON.</summary>
    public static void WriteCell(Utf8JsonWriter json, DuckDBDataReader row, int ordinal, CellKind kind)
    {
        if (row.IsDBNull(ordinal))
        {
            json.WriteNullValue();
            return;
        }

        switch (kind)
        {
            case CellKind.Boolean:
                json.WriteBooleanValue(row.GetBoolean(ordinal));
                break;
            case CellKind.Int64:
                json.WriteNumberValue(row.GetInt64(ordinal));
                break;
            case CellKind.Single:
                if (row.GetFloat(ordinal) is var single && float.IsFinite(single))
                    json.WriteNumberValue(single);
                else
                    json.WriteNullValue();
                break;
            case CellKind.Double:
                if (row.GetDouble(ordinal) is var number && double.IsFinite(number))
                    json.WriteNumberValue(number);
                else
                    json.WriteNullValue();
                break;
            case CellKind.Decimal:
                json.WriteNumberValue(row.GetDecimal(ordinal));
                break;
            case CellKind.LongDecimal:
                if (row.GetFieldValue<DuckDBDecimal>(ordinal) is var exact && Cells.TryWhole(exact, out var whole))
                    json.WriteNumberValue(whole);
                else
                    json.WriteRawValue(Cells.LongDecimal(exact), skipInputValidation: true);
                break;
            case CellKind.Date:
                WriteTime(json, row.GetFieldValue<DateOnly>(ordinal));
                break;
            case CellKind.Timestamp:
                WriteTime(json, row.GetInt64(ordinal));
                break;
            case CellKind.Binary:
                var (rented, length) = Cells.Binary(row, ordinal);
                json.WriteBase64StringValue(rented.AsSpan(0, length));
                ArrayPool<byte>.Shared.Return(rented);
                break;
            default:
                json.WriteStringValue(row.GetString(ordinal));
                break;
        }
    }

    private static void WriteTime(Utf8JsonWriter json, long micros)
    {
        Span<byte> text = stackalloc byte[Cells.MaxTimeLength];
        var length = Cells.Timestamp(micros, text);
        if (length == 0)
            json.WriteNullValue();
        else
            json.WriteStringValue(text[..length]);
    }

    private static void WriteTime(Utf8JsonWriter json, DateOnly day)
    {
        Span<byte> text = stackalloc byte[Cells.MaxTimeLength];
        json.WriteStringValue(text[..Cells.Date(day, text)]);
    }
}
