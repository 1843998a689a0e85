using System.Buffers;
using System.Globalization;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Shows the rows of a block as JSON.</summary>
internal static class BlockRows
{
    /// <param name="most">Rows from the block's start.</param>
    /// <param name="mostBytes">Of all rows together; the first is shown whatever its size.</param>
    /// <returns>The bytes shown.</returns>
    public static long AddTo(List<LoadedRow> target, RowBlock block, int most, long mostBytes)
    {
        long bytes = 0;
        var next = new int[block.Columns.Count];
        for (var row = 0; row < Math.Min(most, block.Rows) && (bytes < mostBytes || target.Count == 0); row++)
        {
            var json = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(json, JsonRow.Options))
                Write(writer, block, row, next);
            target.Add(new LoadedRow(json.WrittenMemory));
            bytes += json.WrittenCount;
        }

        return bytes;
    }

    /// <param name="next">How many values of each column were shown.</param>
    public static void Write(Utf8JsonWriter writer, RowBlock block, int row, int[] next)
    {
        writer.WriteStartObject();
        for (var i = 0; i < next.Length; i++)
        {
            writer.WritePropertyName(block.Columns[i].Name);
            if (block.Buffers[i].IsNull(row))
                writer.WriteNullValue();
            else
                Write(writer, block.Columns[i], block.Buffers[i], next[i]++);
        }

        writer.WriteNumber(SystemColumns.Row, block.RowNumbers.Values[row]);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, StoredColumn column, ColumnBuffer buffer, int index)
    {
        switch (buffer)
        {
            case BytesColumnBuffer bytes when column.Type == FieldType.Binary:
                writer.WriteBase64StringValue(bytes[index]);
                break;
            case BytesColumnBuffer json when column.Type == FieldType.Json:
                writer.WriteRawValue(json[index], skipInputValidation: true);
                break;
            case BytesColumnBuffer text:
                writer.WriteStringValue(text[index]);
                break;
            case FixedColumnBuffer<bool> bools:
                writer.WriteBooleanValue(bools.Values[index]);
                break;
            case FixedColumnBuffer<int> days when column.Type == FieldType.Date:
                writer.WriteStringValue(DateOnly.FromDayNumber(DateText.UnixEpochDay + days.Values[index]).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case FixedColumnBuffer<int> ints:
                writer.WriteNumberValue(ints.Values[index]);
                break;
            case FixedColumnBuffer<long> micros when column.Type == FieldType.Timestamp:
                writer.WriteStringValue(DateTime.UnixEpoch.AddTicks(micros.Values[index] * TimeSpan.TicksPerMicrosecond)
                    .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
                break;
            case FixedColumnBuffer<long> unscaled when column.Type == FieldType.Decimal:
                writer.WriteRawValue(DecimalText.Format(unscaled.Values[index], column.Scale));
                break;
            case FixedColumnBuffer<long> longs:
                writer.WriteNumberValue(longs.Values[index]);
                break;
            case FixedColumnBuffer<Int128> wide:
                writer.WriteRawValue(DecimalText.Format(wide.Values[index], column.Scale));
                break;
            case FixedColumnBuffer<double> floats:
                writer.WriteNumberValue(floats.Values[index]);
                break;
            default:
                throw new InvalidOperationException($"The column '{column.Name}' has a buffer that cannot be shown.");
        }
    }
}
