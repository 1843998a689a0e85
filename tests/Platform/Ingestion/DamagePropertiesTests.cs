using System.Buffers.Binary;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using FsCheck.Fluent;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

/// <summary>Random damage: to a row, it never loses or alters another; to a body, it ends in counted rows or a refusal, never in anything else.
/// (That every row received is counted once, <see cref="Parsed"/> asserts of each.) Where a CSV row lost or won both a quote and a delimiter, nobody can
/// tell whether the next line belongs to it: then that one may be in quarantine with it, whole.</summary>
public sealed class DamagePropertiesTests
{
    private static readonly DatasetDefinition Definition =
        Dataset(Field("id", FieldType.Int64, required: true), Field("s", FieldType.String), Field("t", FieldType.String));

    [Theory]
    [InlineData("text/csv", 1)]
    [InlineData("text/csv", 2)]
    [InlineData("text/csv; header=absent; delimiter=\";\"", 3)]
    [InlineData("text/tab-separated-values", 4)]
    [InlineData("application/x-ndjson", 5)]
    [InlineData("application/x-ndjson", 6)]
    [InlineData("application/json", 7)]
    public void Damage_to_a_row_leaves_the_others_as_they_are(string type, int seed)
    {
        var random = new Random(seed);
        var media = BatchMedia.Parse(type, null);
        var together = 0;
        for (var round = 0; round < 1500; round++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 8)).Select(i => Row(media, i, random)).ToList();
            var hurt = random.Next(rows.Count);
            byte[][] lines = [.. rows.Select(row => Encoding.UTF8.GetBytes(row.Line))];
            lines[hurt] = Damage(lines[hurt], media, random);
            byte[] body = [.. Encoding.UTF8.GetBytes(Head(media)), .. Join(lines, media.Format == BatchFormat.Json ? ",\n" : random.Next(2) == 0 ? "\n" : "\r\n"),
                .. media.Format == BatchFormat.Json ? "]"u8 : []];
            var parsed = Read(Definition, media, body, IngestionLimits.Default with { WindowBytes = 1 }, chunk: random.Next(1, 200));

            var loaded = parsed.Rows.Select(row => string.Join('|', row.Select(value => value ?? "NULL"))).ToList();
            var kept = parsed.Quarantine.Select(row => (string)row["raw"]!).ToList();
            var found = 0;
            var along = 0;
            foreach (var row in rows.Where((_, i) => i != hurt))
            {
                var next = loaded.IndexOf(row.Values, found) + 1;
                if (next > 0)
                    found = next;
                else
                    along += media.Format == BatchFormat.Csv && kept.Exists(text => text.Contains(row.Line, StringComparison.Ordinal)) ? 1 : 2;
            }

            Assert.True(along < 2, Encoding.UTF8.GetString(body));
            together += along;
            Assert.InRange(parsed.Received, rows.Count - 1 - along, rows.Count);
        }

        Assert.InRange(together, 0, 1500 / 50);
    }

    [Theory]
    [InlineData(BodyCompression.None)]
    [InlineData(BodyCompression.Gzip)]
    [InlineData(BodyCompression.Zstd)]
    [InlineData(BodyCompression.Brotli)]
    public void Damage_to_a_body_ends_in_rows_or_a_refusal(BodyCompression compression)
    {
        var random = new Random(40 + (int)compression);
        var definition = Dataset(Field("id", FieldType.Int64), Field("n", FieldType.Int32), Field("x", FieldType.Float64), Field("b", FieldType.Bool),
            Field("s", FieldType.String), Field("t", FieldType.Timestamp), Field("row", FieldType.Int32));
        List<(string Type, Func<Thing[], byte[]> Write)> formats =
        [
            .. ThingFormats.Texts.Select(format => (format.Type, (Func<Thing[], byte[]>)(things => Encoding.UTF8.GetBytes(format.Write(things))))),
            (ThingFormats.Texts[0].Type + "; charset=utf-16", things => Encoding.Unicode.GetBytes(ThingFormats.Texts[0].Write(things))),
            ("application/vnd.apache.parquet", ThingFormats.Parquet),
        ];
        foreach (var table in Thing.Any.ArrayOf(30).Sample(20, 20))
        {
            foreach (var (type, write) in formats)
            {
                var media = BatchMedia.Parse(type, Folding.NameOf(compression));
                var body = Folding.Fold(compression, write(table));
                for (var round = 0; round < 4 && body.Length > 0; round++)
                {
                    try
                    {
                        Read(definition, media, Damage(body, random), chunk: random.Next(1, 500));
                    }
                    catch (TerminalException failure)
                    {
                        Assert.Contains(failure.Code, new[] { "UnreadableFile", "UnfoldsTooLarge" });
                    }
                }
            }
        }
    }

    /// <summary>Numbers in a Parquet footer are zigzag: the lowest bit is the sign, so offsets and sizes become negative.</summary>
    [Fact]
    public void A_bit_turned_anywhere_in_a_parquet_footer_ends_in_rows_or_a_refusal()
    {
        var definition = Dataset(Field("id", FieldType.Int64), Field("s", FieldType.String));
        var media = BatchMedia.Parse("application/vnd.apache.parquet", null);
        var body = ThingFormats.Parquet([.. Thing.Any.ArrayOf(5).Sample(5, 1)[0]]);
        var footer = BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(body.Length - 8));
        for (var at = body.Length - 8 - footer; at < body.Length; at++)
        {
            byte[] damaged = [.. body];
            damaged[at] ^= 1;
            try
            {
                Read(definition, media, damaged);
            }
            catch (TerminalException failure)
            {
                Assert.Contains(failure.Code, new[] { "UnreadableFile", "UnfoldsTooLarge" });
            }
        }
    }

    private static (string Line, string Values) Row(BatchMedia media, int id, Random random)
    {
        // Texts with line ends or delimiters in them leave it open, once a quote is lost, what belongs together.
        string[] texts = media.Format == BatchFormat.Csv ? ["", "a", "ü", "😀 x", "say \"hi\"", "'", "long text of this row"] : ["", "a,b", "ü}{", "\"", "\\", "😀", "line\nend"];
        var (s, t) = (texts[random.Next(texts.Length)], texts[random.Next(texts.Length)]);
        var delimiter = media.Csv.Delimiter ?? ',';
        var line = media.Format == BatchFormat.Csv
            ? string.Join(delimiter, random.Next(2) == 0 ? $"{id}" : $"\"{id}\"", Quote(s), Quote(t))
            : System.Text.Json.JsonSerializer.Serialize(new { id, s, t });
        return (line, $"{id}|{s}|{t}");
    }

    private static string Quote(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Head(BatchMedia media) => media.Format switch
    {
        BatchFormat.Csv => media.Csv.Header == false ? "" : string.Join(media.Csv.Delimiter ?? ',', "id", "s", "t") + "\n",
        BatchFormat.Json => "[",
        _ => "",
    };

    private static byte[] Join(byte[][] lines, string separator) =>
        [.. lines.SelectMany((line, i) => i == 0 ? line : [.. Encoding.ASCII.GetBytes(separator), .. line])];

    // One place; in a JSON array nothing that it is followed by.
    private static byte[] Damage(byte[] line, BatchMedia media, Random random)
    {
        byte[] structure = media.Format == BatchFormat.Json ? [.. "\"{}[],\\"u8] : [.. "\n\r"u8];
        while (true)
        {
            var at = random.Next(line.Length);
            var inserted = (byte)(random.Next(3) == 0 ? (byte)"\",;\t{}"[random.Next(6)] : random.Next(256));
            if (structure.Contains(inserted) || structure.Contains(line[at]) || (at > 0 && media.Format == BatchFormat.Json && line[at - 1] == '\\'))
                continue;
            return random.Next(3) switch
            {
                0 => [.. line[..at], inserted, .. line[(at + 1)..]],
                1 => [.. line[..at], inserted, .. line[at..]],
                _ => [.. line[..at], .. line[(at + 1)..]],
            };
        }
    }

    private static byte[] Damage(byte[] body, Random random)
    {
        var damaged = body.ToList();
        for (var times = random.Next(1, 4); times > 0 && damaged.Count > 0; times--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    damaged.RemoveRange(at, Math.Min(damaged.Count - at, random.Next(1, 50)));
                    break;
                default:
                    damaged.RemoveRange(at, damaged.Count - at);
                    break;
            }
        }

        return [.. damaged];
    }
}
