using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Dashboards;

/// <summary>
/// A tile's rows as the pages read them: <c>tile mart version asOf time columns rows truncated</c>, and for numbers <c>comparison</c> (the same length of time
/// before) and <c>trend</c> (over the time). Rows are arrays in the order of the columns, groups before measures; values are written as everywhere.
/// </summary>
internal sealed class TileWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _target;
    private readonly Utf8JsonWriter _json;
    private readonly TileView _view;

    public TileWriter(ArrayBufferWriter<byte> target, TileView view)
    {
        (_target, _view) = (target, view);
        _json = Open(target);
        _json.WriteStartObject();
        _json.WriteString("tile"u8, view.Tile.Name);
        _json.WriteString("type"u8, EnumNames.Of(view.Tile.Type));
        _json.WriteString("mart"u8, view.Mart.Table.Name.Name);
        _json.WriteNumber("version"u8, view.Mart.Snapshot.Version);
        _json.WriteString("asOf"u8, view.Mart.AsOf);
        if (view.Range is { } range)
            Time("time"u8, range);
    }

    /// <summary>The one column of up to so many rows.</summary>
    public static ReadOnlyMemory<byte> Values(TableRows rows, int most)
    {
        var target = new ArrayBufferWriter<byte>();
        using var json = Open(target);
        json.WriteStartObject();
        json.WriteStartArray("value"u8);
        var kind = Cells.KindOf(rows.Columns[0]);
        var more = rows.Read();
        for (var count = 0; more && count < most; count++, more = rows.Read())
            JsonRowWriter.WriteCell(json, rows.Reader, 0, kind);
        json.WriteEndArray();
        json.WriteBoolean("truncated"u8, more);
        json.WriteEndObject();
        json.Flush();
        return target.WrittenMemory;
    }

    /// <param name="most">So many are written at most, and <c>truncated</c> says whether there are more.</param>
    public void WriteRows(TableRows rows, int most)
    {
        Columns(rows.Columns);
        var more = Rows(rows, most);
        _json.WriteBoolean("truncated"u8, more);
    }

    /// <param name="before">The times that the rows are about.</param>
    public void WriteComparison(TimeRange before, TableRows rows)
    {
        _json.WriteStartObject("comparison"u8);
        Time("time"u8, before);
        Rows(rows, most: 1);
        _json.WriteEndObject();
    }

    public void WriteTrend(TableRows rows, int most)
    {
        _json.WriteStartObject("trend"u8);
        Columns(rows.Columns);
        Rows(rows, most);
        _json.WriteEndObject();
    }

    public ReadOnlyMemory<byte> End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return _target.WrittenMemory;
    }

    public void Dispose() => _json.Dispose();

    private static Utf8JsonWriter Open(ArrayBufferWriter<byte> target) => new(target, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private void Time(ReadOnlySpan<byte> name, TimeRange range)
    {
        _json.WriteStartObject(name);
        _json.WriteString("dimension"u8, range.Column.Name);
        if (range.Text(range.From) is { } from)
            _json.WriteString("from"u8, from);
        if (range.Text(range.To) is { } to)
            _json.WriteString("to"u8, to);
        _json.WriteEndObject();
    }

    private void Columns(IReadOnlyList<TableColumn> columns)
    {
        _json.WriteStartArray("columns"u8);
        foreach (var column in columns)
        {
            _json.WriteStartObject();
            _json.WriteString("name"u8, column.Name);
            _json.WriteString("type"u8, column.Type);
            _json.WriteString("role"u8, _view.Tile.Measures.Contains(column.Name) ? "measure"u8 : "group"u8);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    /// <returns>Whether there are more.</returns>
    private bool Rows(TableRows rows, int most)
    {
        var kinds = rows.Columns.Select(Cells.KindOf).ToArray();
        _json.WriteStartArray("rows"u8);
        var more = rows.Read();
        for (var count = 0; more && count < most; count++, more = rows.Read())
        {
            _json.WriteStartArray();
            for (var ordinal = 0; ordinal < kinds.Length; ordinal++)
                JsonRowWriter.WriteCell(_json, rows.Reader, ordinal, kinds[ordinal]);
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
        return more;
    }
}
