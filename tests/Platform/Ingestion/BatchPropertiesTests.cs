using System.Globalization;
using System.Text;
using DataPlatform.Ingestion.Readers;
using FsCheck.Fluent;

namespace DataPlatform.Ingestion;

public sealed class BatchPropertiesTests
{
    private static readonly (string Charset, Encoding Encoding)[] Encodings =
    [
        ("utf-8", new UTF8Encoding(false)), ("utf-16", Encoding.Unicode), ("utf-16be", Encoding.BigEndianUnicode), ("iso-8859-1", Encoding.Latin1),
    ];

    [Theory]
    [InlineData(BodyCompression.None)]
    [InlineData(BodyCompression.Gzip)]
    [InlineData(BodyCompression.Zstd)]
    [InlineData(BodyCompression.Brotli)]
    public async Task What_is_sent_in_any_format_is_what_is_loaded(BodyCompression compression)
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 7, Encoders = 2, WindowBytes = 100 });
        await bed.DefineAsync("things", Thing.Contract);
        var random = new Random((int)compression);
        var tables = Thing.Any.ArrayOf(40).Sample(40, 40).Where(table => table.Length > 0).ToList();
        foreach (var (type, write) in ThingFormats.Texts)
        {
            foreach (var (charset, encoding) in Encodings)
            {
                var table = tables[random.Next(tables.Count)];
                if (charset == "iso-8859-1")
                    table = [.. table.Select(thing => thing with { S = thing.S?.Replace("😀", "ÿ", StringComparison.Ordinal) })];
                await AssertLoadedAsync(bed, $"{type}; charset={charset}", encoding.GetBytes(write(table)), compression, table, random);
            }
        }

        await AssertLoadedAsync(bed, "application/vnd.apache.parquet", ThingFormats.Parquet(tables[0]), compression, tables[0], random);
        await bed.AssertBalancedAsync("things");
    }

    private static async Task AssertLoadedAsync(BatchBed bed, string type, byte[] content, BodyCompression compression, Thing[] table, Random random)
    {
        var body = new ChunkedStream(Folding.Fold(compression, content), random.Next(1, 3000));
        var receipt = await bed.PostAsync("things", body, type, encoding: Folding.NameOf(compression));
        Assert.Equal((type, table.Length, 0), (type, receipt.Loaded, receipt.Quarantined));
        var loaded = await bed.QueryAsync("things", "SELECT id, n, hex(CAST(x AS VARCHAR)), b, hex(s), epoch_us(t), _row FROM t ORDER BY \"row\"");
        Assert.Equal(table.Select((thing, i) => string.Join('|',
            Show(thing.Id), Show(thing.N), thing.X is null ? "NULL" : "X", Show(thing.B),
            thing.S is null ? "NULL" : Convert.ToHexString(Encoding.UTF8.GetBytes(thing.S)), Show(thing.Micros), i + 1)),
            loaded.Select((row, i) => MaskNumber(row, table[i].X)));
    }

    // A double's text differs between engines; its value must not.
    private static string MaskNumber(string row, double? expected)
    {
        var parts = row.Split('|');
        if (expected is { } value)
        {
            Assert.Equal(value, double.Parse(Encoding.UTF8.GetString(Convert.FromHexString(parts[2])), CultureInfo.InvariantCulture));
            parts[2] = "X";
        }

        return string.Join('|', parts);
    }

    private static string Show<T>(T? value)
        where T : struct => value is { } some ? Convert.ToString(some, CultureInfo.InvariantCulture)! : "NULL";
}
