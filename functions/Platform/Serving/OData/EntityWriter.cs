using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;
using DuckDB.NET.Data;
using Microsoft.OData.Edm;

namespace DataPlatform.Serving.OData;

/// <summary>Rows as entities in OData's JSON format (4.0).</summary>
internal sealed class EntityWriter : RowWriter, IDisposable
{
    private readonly Utf8JsonWriter _json;
    private readonly JsonEncodedText[] _names;
    private readonly (JsonEncodedText Name, string Type)?[] _types;
    private readonly bool[] _asText;
    private readonly EntityContext _context;
    private readonly EntityFormat _format;
    private readonly int _key;

    public EntityWriter(IReadOnlyList<TableColumn> columns, ArrayBufferWriter<byte> target, EntityContext context, EntityFormat format)
        : base(columns)
    {
        (_context, _format) = (context, format);
        _json = new Utf8JsonWriter(target, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        _names = [.. columns.Select(column => Encode(column.Name))];
        _types = [.. columns.Select(column => Annotated(column) ? (Encode(column.Name + "@odata.type"), "#" + TypeName(column)) : ((JsonEncodedText, string)?)null)];
        _asText = [.. columns.Select(column => format.TextNumbers && (column.Type == "long" || ValueKinds.Of(column) is ValueKind.Decimal))];
        _key = Enumerable.Range(0, columns.Count).FirstOrDefault(index => columns[index].Name == EntityShape.KeyName, -1);
    }

    public override long Pending => _json.BytesPending;

    public override void Begin(long? count)
    {
        _json.WriteStartObject();
        WriteContext();
        if (count is { } rows)
        {
            if (_format.TextNumbers)
                _json.WriteString("@odata.count"u8, rows.ToString(System.Globalization.CultureInfo.InvariantCulture));
            else
                _json.WriteNumber("@odata.count"u8, rows);
        }

        _json.WriteStartArray("value"u8);
    }

    public override void Write(DuckDBDataReader row)
    {
        _json.WriteStartObject();
        WriteProperties(row);
    }

    /// <summary>The document of a single entity.</summary>
    public void WriteEntity(DuckDBDataReader row)
    {
        _json.WriteStartObject();
        WriteContext();
        WriteProperties(row);
        _json.Flush();
    }

    public override void End(string? nextLink = null, string? next = null)
    {
        _json.WriteEndArray();
        if (nextLink is not null)
            _json.WriteString("@odata.nextLink"u8, nextLink);
        _json.WriteEndObject();
    }

    public override void Flush() => _json.Flush();

    public void Dispose() => _json.Dispose();

    private static JsonEncodedText Encode(string name) => JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    private static string TypeName(TableColumn column) => RowModel.TypeOf(column)!.FullName()["Edm.".Length..];

    private void WriteContext()
    {
        if (_format.Level is not MetadataLevel.None)
            _json.WriteString("@odata.context"u8, _context.Url);
    }

    private void WriteProperties(DuckDBDataReader row)
    {
        if (_format.Level is MetadataLevel.Full && _context.IsEntity)
            WriteIdentity(row);
        for (var ordinal = 0; ordinal < Kinds.Length; ordinal++)
        {
            if (_types[ordinal] is var (name, type))
                _json.WriteString(name, type);
            _json.WritePropertyName(_names[ordinal]);
            WriteCell(row, ordinal);
        }

        _json.WriteEndObject();
    }

    private void WriteIdentity(DuckDBDataReader row)
    {
        _json.WriteString("@odata.type"u8, $"#{ServiceModel.Namespace}.{_context.Set}");
        if (_key < 0)
            _json.WriteNull("@odata.id"u8); // Without its key an entity has no address.
        else
            _json.WriteString("@odata.id"u8, $"{_context.Service}{_context.Set}('{row.GetString(_key)}')");
    }

    /// <summary>Whether the type must be told beside the value: JSON does not tell it, and the metadata document does only of what it declares.</summary>
    private bool Annotated(TableColumn column) => _format.Level switch
    {
        MetadataLevel.None => false,
        MetadataLevel.Full => !IsInferred(column),
        _ => !_context.Declares(column.Name) && !IsInferred(column),
    };

    private static bool IsInferred(TableColumn column) => ValueKinds.Of(column) is ValueKind.String or ValueKind.Boolean || column.Type == "double";

    private void WriteCell(DuckDBDataReader row, int ordinal)
    {
        switch (Kinds[ordinal])
        {
            case CellKind.Int64 or CellKind.Decimal or CellKind.LongDecimal when _asText[ordinal]:
                WriteNumberText(row, ordinal);
                break;
            case CellKind.Double when !row.IsDBNull(ordinal) && row.GetDouble(ordinal) is var number && !double.IsFinite(number):
                WriteSpecial(number);
                break;
            case CellKind.Single when !row.IsDBNull(ordinal) && row.GetFloat(ordinal) is var number && !float.IsFinite(number):
                WriteSpecial(number);
                break;
            case CellKind.Binary when !row.IsDBNull(ordinal):
                var (rented, length) = Cells.Binary(row, ordinal);
                _json.WriteStringValue(System.Buffers.Text.Base64Url.EncodeToString(rented.AsSpan(0, length)));
                ArrayPool<byte>.Shared.Return(rented);
                break;
            case var kind:
                JsonRowWriter.WriteCell(_json, row, ordinal, kind);
                break;
        }
    }

    private void WriteNumberText(DuckDBDataReader row, int ordinal)
    {
        if (row.IsDBNull(ordinal))
            _json.WriteNullValue();
        else
            _json.WriteStringValue(Cells.NumberText(row, ordinal, Kinds[ordinal]));
    }

    private void WriteSpecial(double number) =>
        _json.WriteStringValue(double.IsNaN(number) ? "NaN" : number > 0 ? "INF" : "-INF");
}
