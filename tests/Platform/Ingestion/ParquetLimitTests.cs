using System.Buffers.Binary;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using ParquetSharp;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

/// <summary>Files that would take far more memory or time than their size suggests are refused before they do.</summary>
public sealed class ParquetLimitTests : IDisposable
{
    private static readonly DatasetDefinition Texts = Dataset(Field("s", FieldType.String));

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_page_that_claims_to_be_huge_is_not_believed()
    {
        using (var builder = new WriterPropertiesBuilder().DisableDictionary().Compression(Compression.Uncompressed))
        using (var properties = builder.Build())
            Write(properties, "a");
        var bytes = File.ReadAllBytes(_file);

        // The first page's header: type data (0x15 0x00), then its size unfolded (0x15 and the number), which becomes 2 GiB.
        Assert.Equal([0x15, 0x00, 0x15], bytes[4..7]);
        File.WriteAllBytes(_file, [.. bytes[..7], 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, .. bytes[8..]]);
        Refused(FailureKind.TooLarge, "row group 0");
        File.WriteAllBytes(_file, [.. bytes[..7], 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, .. bytes[8..]]);
        Refused(FailureKind.Invalid, "row group 0");
    }

    [Fact]
    public void Pages_that_do_not_fit_into_memory_together_are_refused()
    {
        Write(null, new string('x', 400_000), new string('y', 400_000), new string('z', 400_000));
        Assert.Equal(3, Read().Received);
        Refused(FailureKind.TooLarge, "row group 0", IngestionLimits.Default with { MaxParquetPageBytes = 1 << 20 });
    }

    [Fact]
    public void Values_repeated_from_a_dictionary_are_counted()
    {
        Write(null, [.. Enumerable.Repeat(new string('x', 100_000), 2000)]);
        Assert.InRange(new FileInfo(_file).Length, 0, 300_000);
        Assert.Equal(2000, Read().Received);
        Refused(FailureKind.TooLarge, null, IngestionLimits.Default with { MaxParquetRatio = 10 });
        Refused(FailureKind.TooLarge, null, IngestionLimits.Default with { MaxUnfoldedBytes = 50 << 20 });
    }

    [Fact]
    public void Rows_without_a_byte_are_counted_before_any_is_read()
    {
        Write(null, new string?[400_000]);
        Assert.Equal(400_000, Read().Received);
        Refused(FailureKind.TooLarge, null, IngestionLimits.Default with { MaxUnfoldedBytes = 1 << 20 });
    }

    [Fact]
    public void A_value_that_is_too_long_breaks_its_row()
    {
        Write(null, "a", new string('x', 200_000), "b");
        var parsed = Read(IngestionLimits.Default with { MaxRowBytes = 100_000 });
        Assert.Equal(["2:s:size"], parsed.Faults());
        Assert.True((bool)parsed.Quarantine[0]["truncated"]!);
        Assert.Equal(["a", "b"], parsed.Rows.Select(row => row[0]));
    }

    [Fact]
    public void A_list_that_is_too_long_is_refused()
    {
        using (var file = new ParquetFileWriter(_file, [new Column<int[]>("s")]))
        {
            using (var group = file.AppendRowGroup())
            using (var column = group.NextColumn().LogicalWriter<int[]>())
                column.WriteBatch([[1], new int[3_000_000], [2]]);
            file.Close();
        }

        var failure = Assert.Throws<TerminalException>(() => Read(definition: Dataset(Field("s", FieldType.Json))));
        Assert.Equal(("UnreadableFile", "the column 's'"), (failure.Code, failure.Target));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000_000)]
    public void A_schema_of_great_depth_is_refused(int depth)
    {
        List<byte> elements = [.. Enumerable.Repeat<byte[]>([0x55, 0x02, 0x00], depth).SelectMany(element => element), 0x00];
        WriteFooter([0x15, 0x02, 0x19, 0xFC, .. Varint((uint)depth + 1), .. elements, 0x16, 0x00, 0x19, 0x0C, 0x00]);
        Refused(FailureKind.Invalid, "the footer");
    }

    [Fact]
    public void A_footer_that_is_too_long_too_wide_or_lies_is_refused()
    {
        Write(null, "a");
        Refused(FailureKind.Invalid, "the footer", IngestionLimits.Default with { MaxParquetFooterBytes = 100 });

        WriteFooter([0x15, 0x02, 0x19, 0xFC, .. Varint(5001), 0x55, .. Varint(10_000), 0x00, .. new byte[5000], 0x16, 0x00, 0x19, 0x0C, 0x00]);
        Refused(FailureKind.Invalid, "the footer");
        WriteFooter([0x19, 0xFC, .. Varint(int.MaxValue)]);
        Refused(FailureKind.Invalid, "the footer");
        WriteFooter([0x15, 0x02, 0x28, .. Varint(uint.MaxValue)]);
        Refused(FailureKind.Invalid, "the footer");
        WriteFooter([.. Enumerable.Repeat((byte)0x1C, 100_000)]);
        Refused(FailureKind.Invalid, "the footer");
    }

    [Fact]
    public void Random_damage_to_any_part_ends_in_rows_or_a_refusal()
    {
        using (var file = new ParquetFileWriter(_file, [new Column<string?>("s"), new Column<int?[]>("l"), new Column<long>("n")]))
        {
            for (var groups = 0; groups < 3; groups++)
            {
                using var group = file.AppendRowGroup();
                using (var column = group.NextColumn().LogicalWriter<string?>())
                    column.WriteBatch([.. Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? null : $"text {i % 20}")]);
                using (var column = group.NextColumn().LogicalWriter<int?[]>())
                    column.WriteBatch([.. Enumerable.Range(0, 300).Select(i => Enumerable.Range(0, i % 4).Select(x => x == 1 ? (int?)null : x).ToArray())]);
                using (var column = group.NextColumn().LogicalWriter<long>())
                    column.WriteBatch([.. Enumerable.Range(0, 300).Select(i => (long)i)]);
            }

            file.Close();
        }

        var bytes = File.ReadAllBytes(_file);
        var definition = Dataset(Field("s", FieldType.String), Field("l", FieldType.Json), Field("n", FieldType.Int64));
        var random = new Random(5);
        for (var round = 0; round < 400; round++)
        {
            var damaged = bytes.ToArray();
            for (var i = random.Next(1, 6); i > 0; i--)
                damaged[random.Next(4, damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(_file, damaged);
            try
            {
                Read(definition: definition);
            }
            catch (TerminalException failure)
            {
                Assert.Contains(failure.Code, new[] { "UnreadableFile", "UnfoldsTooLarge" });
            }
        }
    }

    private static IEnumerable<byte> Varint(uint value)
    {
        for (; value >= 0x80; value >>= 7)
            yield return (byte)(value | 0x80);
        yield return (byte)value;
    }

    private void WriteFooter(byte[] footer)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        File.WriteAllBytes(_file, [.. "PAR1"u8, .. footer, .. length, .. "PAR1"u8]);
    }

    private void Refused(FailureKind kind, string? target, IngestionLimits? limits = null)
    {
        var failure = Assert.Throws<TerminalException>(() => Read(limits));
        Assert.Equal((kind, kind == FailureKind.TooLarge ? "UnfoldsTooLarge" : "UnreadableFile", target), (failure.Kind, failure.Code, failure.Target));
    }

    private Parsed Read(IngestionLimits? limits = null, DatasetDefinition? definition = null)
    {
        using var rows = new RowCollector(ContractPlan.Plain(definition ?? Texts), [], limits ?? IngestionLimits.Default);
        using var reader = new ParquetRowReader(_ => Task.FromResult(_file));
        return Collect(rows, reader);
    }

    private void Write(WriterProperties? properties, params string?[] values)
    {
        using var defaults = WriterProperties.GetDefaultWriterProperties();
        using var file = new ParquetFileWriter(_file, [new Column<string?>("s")], properties ?? defaults);
        using (var group = file.AppendRowGroup())
        using (var column = group.NextColumn().LogicalWriter<string?>())
            column.WriteBatch(values);
        file.Close();
    }
}
