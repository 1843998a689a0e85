using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using ParquetSharp;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

public sealed class ParquetRowReaderTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Typed_columns_become_typed_fields()
    {
        var moment = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(1_230);
        Write(
            new Col<sbyte?>("i8", [1, null]), new Col<int?>("i32", [int.MaxValue, null]), new Col<long?>("i64", [long.MinValue, null]),
            new Col<uint?>("u32", [uint.MaxValue, null]), new Col<float?>("f32", [1.5f, null]), new Col<double?>("f64", [-2.25, null]),
            new Col<bool?>("b", [true, null]), new Col<string?>("s", ["héllo", null]), new Col<byte[]?>("bin", [[1, 2], null]),
            new Col<Date?>("d", [new Date(2026, 1, 2), null]),
            new Col<DateTime?>("ms", [moment.AddTicks(-1_230), null], LogicalType.Timestamp(true, TimeUnit.Millis)),
            new Col<DateTime?>("us", [moment, null], LogicalType.Timestamp(true, TimeUnit.Micros)),
            new Col<DateTimeNanos?>("ns", [new DateTimeNanos(moment), null], LogicalType.Timestamp(false, TimeUnit.Nanos)),
            new Col<decimal?>("dec", [12.34m, null], LogicalType.Decimal(29, 2)), new Col<Guid?>("u", [Guid.Empty, null]),
            new Col<TimeSpan?>("t", [new TimeSpan(1, 2, 3), null], LogicalType.Time(true, TimeUnit.Micros)));
        var parsed = Read(Dataset(
            Field("i8", FieldType.Int32), Field("i32", FieldType.Int64), Field("i64", FieldType.Int64), Field("u32", FieldType.Int64),
            Field("f32", FieldType.Float64), Field("f64", FieldType.Float64), Field("b", FieldType.Bool), Field("s", FieldType.String),
            Field("bin", FieldType.Binary), Field("d", FieldType.Date), Field("ms", FieldType.Timestamp), Field("us", FieldType.Timestamp),
            Field("ns", FieldType.Timestamp), Field("dec", FieldType.Decimal) with { Precision = 10, Scale = 3 }, Field("u", FieldType.Uuid),
            Field("t", FieldType.Time)));
        var micros = (moment - DateTime.UnixEpoch).Ticks / 10;
        Assert.Empty(parsed.Faults());
        Assert.Equal(
            [1, (long)int.MaxValue, long.MinValue, (long)uint.MaxValue, 1.5, -2.25, true, "héllo", new byte[] { 1, 2 },
                new DateOnly(2026, 1, 2).DayNumber - DateText.UnixEpochDay, micros - 123, micros, micros, 12340L, Guid.Empty.ToString(), "01:02:03"],
            parsed.Rows[0]);
        Assert.All(parsed.Rows[1], Assert.Null);
    }

    [Fact]
    public void Values_that_do_not_fit_go_to_quarantine_with_the_whole_row()
    {
        Write(
            new Col<long>("n", [1, 1L << 40, 3]), new Col<double>("x", [1.0, 2.0, double.NaN]), new Col<double>("whole", [5.0, 6.0, 7.5]),
            new Col<string?>("text", ["10", "ten", "30"]), new Col<DateTimeNanos>("ns", [At(1000), At(2000), At(3001)], LogicalType.Timestamp(true, TimeUnit.Nanos)));
        var parsed = Read(Dataset(
            Field("n", FieldType.Int32), Field("x", FieldType.Float64), Field("whole", FieldType.Int64), Field("text", FieldType.Int32, required: true),
            Field("ns", FieldType.Timestamp)));
        Assert.Equal([1, 1.0, 5L, 10, 1L], Assert.Single(parsed.Rows));
        Assert.Equal([1L], parsed.RowNumbers);
        Assert.Equal(["2:n:type", "2:text:type", "3:x:type", "3:whole:type", "3:ns:type"], parsed.Faults());
        Assert.StartsWith("{\"n\":1099511627776,\"x\":2,\"whole\":6,\"text\":\"ten\"", (string?)parsed.Quarantine[0]["raw"], StringComparison.Ordinal);
    }

    [Fact]
    public void Good_rows_around_broken_ones_stay_in_order_over_slices_and_blocks()
    {
        const int rows = 100_000;
        Write(
            new Col<int?>("id", [.. Enumerable.Range(0, rows).Select(i => i % 11 == 0 ? null : (int?)i)]),
            new Col<string?>("s", [.. Enumerable.Range(0, rows).Select(i => i % 7 == 0 ? null : $"v{i}")]));
        var parsed = Read(Dataset(Field("id", FieldType.Int32, required: true), Field("s", FieldType.String)), IngestionLimits.Default with { BlockRows = 30_000 });
        Assert.Equal(rows, parsed.Received);
        var expected = Enumerable.Range(0, rows).Where(i => i % 11 != 0).ToList();
        Assert.Equal(expected.Select(i => (object?)i), parsed.Rows.Select(row => row[0]));
        Assert.Equal(expected.Select(i => i % 7 == 0 ? null : $"v{i}"), parsed.Rows.Select(row => (string?)row[1]));
        Assert.Equal(expected.Select(i => i + 1L), parsed.RowNumbers);
    }

    [Theory]
    [InlineData(UnexpectedPolicy.Quarantine, 0, 2)]
    [InlineData(UnexpectedPolicy.DiscardRow, 0, 0)]
    [InlineData(UnexpectedPolicy.DiscardValue, 2, 0)]
    [InlineData(UnexpectedPolicy.Evolve, 2, 0)]
    public void An_unknown_column_is_decided_once_by_the_contract(UnexpectedPolicy policy, int loaded, int quarantined)
    {
        Write(new Col<int>("a", [1, 2]), new Col<long?>("extra", [3, null]));
        var parsed = Read(Dataset(Field("a", FieldType.Int32)) with { OnUnexpected = policy });
        Assert.Equal((2, loaded, quarantined), (parsed.Received, parsed.Rows.Count, parsed.Quarantine.Count));
        if (policy == UnexpectedPolicy.Evolve)
            Assert.Equal([3L, null], parsed.Rows.Select(row => row[1]));
    }

    [Fact]
    public void A_missing_required_column_breaks_every_row()
    {
        Write(new Col<int>("a", [1, 2]));
        Assert.Equal(["1:b:required", "2:b:required"], Read(Dataset(Field("a", FieldType.Int32), Field("b", FieldType.Int32, required: true))).Faults());
    }

    [Fact]
    public void A_damaged_file_is_refused_with_the_place()
    {
        Write(new Col<int>("a", [.. Enumerable.Range(0, 50_000)]));
        var whole = File.ReadAllBytes(_file);
        foreach (var damaged in new[] { [], whole[..8], whole[..^1], whole[..(whole.Length / 2)], "PAR1 but no parquet PAR1"u8.ToArray() })
        {
            File.WriteAllBytes(_file, damaged);
            var failure = Assert.Throws<TerminalException>(() => Read(Dataset(Field("a", FieldType.Int32))));
            Assert.Equal(("UnreadableFile", FailureKind.Invalid, "the footer"), (failure.Code, failure.Kind, failure.Target));
            Assert.DoesNotContain("Exception", failure.Message, StringComparison.Ordinal);
        }

        byte[] page = [.. whole];
        page.AsSpan(4, 24).Fill(0xFF);
        File.WriteAllBytes(_file, page);
        Assert.Equal("row group 0", Assert.Throws<TerminalException>(() => Read(Dataset(Field("a", FieldType.Int32)))).Target);
    }

    [Fact]
    public void A_nested_column_of_the_contract_is_refused()
    {
        Write(new Col<int[]>("a", [[1], [2]]));
        Assert.Contains("nested", Assert.Throws<TerminalException>(() => Read(Dataset(Field("a", FieldType.Int32)))).Message, StringComparison.Ordinal);
        var left = Read(Dataset(Field("b", FieldType.Int32)) with { OnUnexpected = UnexpectedPolicy.DiscardValue });
        Assert.Equal(2, left.Rows.Count);
    }

    private static DateTimeNanos At(long nanos) => new(nanos);

    private Parsed Read(DatasetDefinition definition, IngestionLimits? limits = null)
    {
        using var rows = new RowCollector(ContractPlan.Plain(definition), [], limits ?? IngestionLimits.Default);
        using var reader = new ParquetRowReader(_ => Task.FromResult(_file));
        return Collect(rows, reader);
    }

    private void Write(params ICol[] columns)
    {
        using var file = new ParquetFileWriter(_file, [.. columns.Select(column => column.Column)]);
        using (var group = file.AppendRowGroup())
        {
            foreach (var column in columns)
                column.Write(group);
        }

        file.Close();
    }

    private interface ICol
    {
        Column Column { get; }

        void Write(RowGroupWriter group);
    }

    private sealed record Col<T>(string Name, T[] Values, LogicalType? Type = null) : ICol
    {
        public Column Column => Type is null ? new Column<T>(Name) : new Column<T>(Name, Type);

        public void Write(RowGroupWriter group)
        {
            using var writer = group.NextColumn().LogicalWriter<T>();
            writer.WriteBatch(Values);
        }
    }
}
