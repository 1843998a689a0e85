using System.Runtime.InteropServices;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using ParquetSharp;
using ParquetSharp.Schema;
using static DataPlatform.Ingestion.Parsed;
using TextEncoding = System.Text.Encoding;

namespace DataPlatform.Ingestion;

/// <summary>Values of physical types that other writers leave behind: kept exactly, or refused.</summary>
public sealed class ParquetEdgeTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Int96_moments_of_all_years_are_kept_and_nanoseconds_refused()
    {
        var moments = new[]
        {
            new DateTime(1, 1, 1), new DateTime(1582, 10, 15, 1, 2, 3), new DateTime(1677, 1, 1), new DateTime(1969, 12, 31, 23, 59, 59),
            new DateTime(2026, 1, 2, 3, 4, 5).AddTicks(1_230), new DateTime(2300, 1, 1), new DateTime(9999, 12, 31, 23, 59, 59),
        };
        Write(new PrimitiveNode("t", Repetition.Required, LogicalType.None(), PhysicalType.Int96),
            [.. moments.Select(moment => Int96(moment, 0)), Int96(moments[4], 1)]);
        var parsed = Read(Dataset(Field("t", FieldType.Timestamp)));
        Assert.Equal(moments.Select(moment => (object)((moment - DateTime.UnixEpoch).Ticks / 10)), parsed.Rows.Select(row => row[0]));
        Assert.Equal(["8:t:type"], parsed.Faults());
    }

    [Fact]
    public void Decimals_in_bytes_of_any_width_are_kept_or_refused()
    {
        byte[][] values =
        [
            [0x7B], [0x85], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x7B],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x85],
            [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x7B], [], [0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        ];
        using var type = LogicalType.Decimal(38, 2);
        WriteTexts(type, values, "d");
        var parsed = Read(Dataset(Field("d", FieldType.Decimal) with { Precision = 10, Scale = 2 }));
        Assert.Equal([123L, -123L, 123L, -123L], parsed.Rows.Select(row => row[0]));
        Assert.Equal(["5:d:type", "6:d:type", "7:d:type"], parsed.Faults());
    }

    [Fact]
    public void Days_and_milliseconds_that_overflow_are_refused()
    {
        using var date = LogicalType.Date();
        Write(new PrimitiveNode("d", Repetition.Required, date, PhysicalType.Int32), [0, -719_162, 2_932_896, int.MaxValue, int.MinValue, 213_503_983, -719_163]);
        Assert.Equal([.. Enumerable.Range(4, 4).Select(row => $"{row}:d:type")], Read(Dataset(Field("d", FieldType.Timestamp))).Faults());
        Assert.Equal([.. Enumerable.Range(4, 4).Select(row => $"{row}:d:type")], Read(Dataset(Field("d", FieldType.Date))).Faults());

        using var millis = LogicalType.Timestamp(true, TimeUnit.Millis);
        Write(new PrimitiveNode("d", Repetition.Required, millis, PhysicalType.Int64), [0L, long.MaxValue, long.MinValue, 18_446_744_073_709_552L, -1L]);
        Assert.Equal(["2:d:type", "3:d:type", "4:d:type"], Read(Dataset(Field("d", FieldType.Timestamp))).Faults());
    }

    [Fact]
    public void Unsigned_numbers_of_64_bits_fit_or_are_refused()
    {
        using var type = LogicalType.Int(64, isSigned: false);
        Write(new PrimitiveNode("n", Repetition.Required, type, PhysicalType.Int64), [1L, long.MaxValue, -1L]);
        var parsed = Read(Dataset(Field("n", FieldType.Int64)));
        Assert.Equal([1L, long.MaxValue], parsed.Rows.Select(row => row[0]));
        Assert.Equal("18446744073709551615", (string?)parsed.Quarantine[0]["errors"]![0]!["value"]);
    }

    [Fact]
    public void A_text_that_is_not_utf8_breaks_its_row_only()
    {
        using var type = LogicalType.String();
        WriteTexts(type, ["good"u8.ToArray(), [0xC3, 0x28], "gut"u8.ToArray()]);
        var parsed = Read(Dataset(Field("s", FieldType.String)));
        Assert.Equal(["good", "gut"], parsed.Rows.Select(row => row[0]));
        Assert.Equal(["2:s:encoding"], parsed.Faults());
    }

    [Fact]
    public void Row_groups_without_rows_are_passed_over()
    {
        using (var file = new ParquetFileWriter(_file, [new Column<int>("n")]))
        {
            foreach (var rows in new[] { 0, 2, 0, 1, 0 })
            {
                using var group = file.AppendRowGroup();
                using var column = group.NextColumn().LogicalWriter<int>();
                column.WriteBatch(new int[rows]);
            }

            file.Close();
        }

        Assert.Equal(3, Read(Dataset(Field("n", FieldType.Int32))).Received);
    }

    [Fact]
    public void A_damaged_page_rejects_the_file()
    {
        WriteTexts(LogicalType.String(), [.. Enumerable.Range(0, 5000).Select(i => TextEncoding.ASCII.GetBytes($"text {i}"))]);
        var bytes = File.ReadAllBytes(_file);
        var random = new Random(7);
        for (var round = 0; round < 40; round++)
        {
            var damaged = bytes.ToArray();
            for (var i = 0; i < 8; i++)
                damaged[random.Next(4, damaged.Length - 8)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(_file, damaged);
            try
            {
                Read(Dataset(Field("s", FieldType.String)));
            }
            catch (TerminalException failure)
            {
                Assert.Equal("UnreadableFile", failure.Code);
            }
        }
    }

    [Fact]
    public void Large_values_are_read_few_rows_at_a_time()
    {
        var value = TextEncoding.ASCII.GetBytes(new string('x', 256 << 10));
        WriteTexts(LogicalType.String(), [.. Enumerable.Repeat(value, 2000)]);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var rows = new RowCollector(ContractPlan.Plain(Dataset(Field("other", FieldType.String)) with { OnUnexpected = UnexpectedPolicy.DiscardValue }), [], IngestionLimits.Default);
        using var reader = new ParquetRowReader(_ => Task.FromResult(_file));
        Assert.Equal(2000, Collect(rows, reader).Received);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 200L << 20);
    }

    [Fact]
    public void Very_many_unknown_columns_are_told_of_shortly()
    {
        using (var file = new ParquetFileWriter(_file, [.. Enumerable.Range(0, 300).Select(i => new Column<int>($"x{i}"))]))
        {
            using (var group = file.AppendRowGroup())
            {
                for (var i = 0; i < 300; i++)
                {
                    using var column = group.NextColumn().LogicalWriter<int>();
                    column.WriteBatch([1, 2, 3]);
                }
            }

            file.Close();
        }

        var parsed = Read(Dataset(Field("n", FieldType.Int32, required: true)));
        Assert.Equal(3, parsed.Quarantine.Count);
        Assert.All(parsed.Quarantine, row => Assert.Equal((50, 251), (row["errors"]!.AsArray().Count, (int)row["moreErrors"]!)));
    }

    private static Int96 Int96(DateTime moment, int nanos)
    {
        var nanosOfDay = (moment.TimeOfDay.Ticks * 100) + nanos;
        return new Int96((int)(nanosOfDay & 0xFFFF_FFFF), (int)(nanosOfDay >> 32), (moment.Date - DateTime.UnixEpoch).Days + 2_440_588);
    }

    private Parsed Read(DatasetDefinition definition)
    {
        using var rows = new RowCollector(ContractPlan.Plain(definition), [], IngestionLimits.Default);
        using var reader = new ParquetRowReader(_ => Task.FromResult(_file));
        return Collect(rows, reader);
    }

    private void WriteTexts(LogicalType type, byte[][] values, string name = "s")
    {
        var all = GCHandle.Alloc(values.SelectMany(value => value).ToArray(), GCHandleType.Pinned);
        try
        {
            var at = all.AddrOfPinnedObject();
            var texts = new ByteArray[values.Length];
            for (var i = 0; i < texts.Length; at += values[i++].Length)
                texts[i] = new ByteArray(at, values[i].Length);
            Write(new PrimitiveNode(name, Repetition.Required, type, PhysicalType.ByteArray), texts);
        }
        finally
        {
            all.Free();
        }
    }

    private void Write<T>(PrimitiveNode node, T[] values)
        where T : unmanaged
    {
        using var schema = new GroupNode("schema", Repetition.Required, [node]);
        using var builder = new WriterPropertiesBuilder();
        using var properties = builder.Build();
        using var file = new ParquetFileWriter(_file, schema, properties, null);
        using (var group = file.AppendRowGroup())
        using (var column = (ColumnWriter<T>)group.NextColumn())
            column.WriteBatch(values);
        file.Close();
    }
}
