using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using DataPlatform.Tables;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace DataPlatform.Serving;

/// <summary>Rows as RFC 4180 CSV with a header line. NULL is an empty field, empty text is <c>""</c>; NaN and infinities are NULL.</summary>
internal sealed class CsvRowWriter(IReadOnlyList<TableColumn> columns, ArrayBufferWriter<byte> target) : RowWriter(columns)
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    public override long Pending => 0;

    public override void Begin(long? count)
    {
        for (var ordinal = 0; ordinal < Columns.Count; ordinal++)
        {
            if (ordinal > 0)
                target.Write(","u8);
            WriteText(Columns[ordinal].Name);
        }

        target.Write("\r\n"u8);
    }

    public override void Write(DuckDBDataReader row)
    {
        for (var ordinal = 0; ordinal < Kinds.Length; ordinal++)
        {
            if (ordinal > 0)
                target.Write(","u8);
            if (!row.IsDBNull(ordinal))
                WriteCell(row, ordinal);
        }

        target.Write("\r\n"u8);
    }

    public override void End(string? nextLink = null, string? next = null)
    {
        // A CSV answer is never a page.
    }

    public override void Flush()
    {
        // Everything is in the buffer already.
    }

    private void WriteCell(DuckDBDataReader row, int ordinal)
    {
        var span = target.GetSpan(64);
        var written = 0;
        switch (Kinds[ordinal])
        {
            case CellKind.Boolean:
                target.Write(row.GetBoolean(ordinal) ? "true"u8 : "false"u8);
                return;
            case CellKind.Int64:
                row.GetInt64(ordinal).TryFormat(span, out written, provider: CultureInfo.InvariantCulture);
                break;
            case CellKind.Single:
                if (row.GetFloat(ordinal) is var single && float.IsFinite(single))
                    single.TryFormat(span, out written, provider: CultureInfo.InvariantCulture);
                break;
            case CellKind.Double:
                if (row.GetDouble(ordinal) is var number && double.IsFinite(number))
                    number.TryFormat(span, out written, provider: CultureInfo.InvariantCulture);
                break;
            case CellKind.Decimal:
                row.GetDecimal(ordinal).TryFormat(span, out written, provider: CultureInfo.InvariantCulture);
                break;
            case CellKind.LongDecimal:
                written = Encoding.UTF8.GetBytes(Cells.LongDecimal(row.GetFieldValue<DuckDBDecimal>(ordinal)), span);
                break;
            case CellKind.Date:
                written = Cells.Date(row.GetFieldValue<DateOnly>(ordinal), span);
                break;
            case CellKind.Timestamp:
                written = Cells.Timestamp(row.GetInt64(ordinal), span);
                break;
            case CellKind.Binary:
                var (rented, length) = Cells.Binary(row, ordinal);
                Base64.EncodeToUtf8(rented.AsSpan(0, length), target.GetSpan(Base64.GetMaxEncodedToUtf8Length(length)), out _, out written);
                ArrayPool<byte>.Shared.Return(rented);
                break;
            default:
                WriteText(row.GetString(ordinal));
                return;
        }

        target.Advance(written);
    }

    private void WriteText(string text)
    {
        if (text.Length > 0 && text.AsSpan().IndexOfAny(Special) < 0 && text[0] != ' ' && text[^1] != ' ')
        {
            Encoding.UTF8.GetBytes(text, target);
            return;
        }

        target.Write("\""u8);
        Encoding.UTF8.GetBytes(text.Replace("\"", "\"\"", StringComparison.Ordinal), target);
        target.Write("\""u8);
    }
}
