using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

/// <summary>What a reader makes of a body must not depend on how the body comes: in which pieces, and where windows end.</summary>
public sealed class ReaderBoundaryTests
{
    private static readonly string[] CsvPieces =
        [",", ",", "\"", "\"", "\"\"", "\n", "\r", "\r\n", "a", "bc", "é", "😀", "\0", " ", "\ufeff", "1,2\n", "\"x\",\"y\"\r\n", "\"q\nr\",z\n"];

    private static readonly string[] JsonPieces =
        ["{", "}", "\"", "\\", "\n", "\r\n", "\r", " ", "{\"a\":\"x\",\"b\":\"y\"}\n", "{\"b\":null}\r\n", "{\"a\":\"\\ud83d\\ude00\"}\n", "{\"a\":\"é\"}",
            "{\"a\":\"1\",\"a\":\"2\"}\n", "{\"a\":\"\\ud800\"}\n", "[1]\n", "{\"c\":1}\n", "\n\n", ",", "1e400", "\0"];

    private static readonly DatasetDefinition Texts = Dataset(Field("a", FieldType.String), Field("b", FieldType.String));

    [Theory]
    [InlineData(BatchFormat.Csv, 1)]
    [InlineData(BatchFormat.Csv, 2)]
    [InlineData(BatchFormat.Csv, 3)]
    [InlineData(BatchFormat.Ndjson, 4)]
    [InlineData(BatchFormat.Ndjson, 5)]
    internal void Windows_and_pieces_of_any_size_give_the_same_rows(BatchFormat format, int seed)
    {
        var random = new Random(seed);
        var pieces = format == BatchFormat.Csv ? CsvPieces : JsonPieces;
        for (var round = 0; round < 1500; round++)
        {
            var text = new StringBuilder(format == BatchFormat.Csv ? "a,b\n" : "");
            for (var i = random.Next(1, 60); i > 0; i--)
                text.Append(pieces[random.Next(pieces.Length)]);
            var body = Encoding.UTF8.GetBytes(text.ToString());
            if (random.Next(4) == 0)
                body[^1] = 0xC3; // half a character

            var whole = Show(Read(Texts, format, body));
            foreach (var window in new[] { 1, 60, 100 })
            {
                var limits = IngestionLimits.Default with { WindowBytes = window };
                Assert.Equal(whole, Show(Read(Texts, format, body, limits, chunk: random.Next(1, 80))));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Rows_that_are_too_long_are_the_same_wherever_the_window_ends(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 1000; round++)
        {
            var text = new StringBuilder("a,b\n");
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                text.Append(random.Next(4) switch
                {
                    0 => new string('x', random.Next(300)) + ",y",
                    1 => "\"" + new string('x', random.Next(300)) + "\",y",
                    2 => "\"" + string.Concat(Enumerable.Repeat("u,v\n", random.Next(1, 80))) + "\",y",
                    _ => "1,2",
                }).Append(random.Next(2) == 0 ? "\n" : "\r\n");
            }

            var body = Encoding.UTF8.GetBytes(text.ToString());
            var limits = IngestionLimits.Default with { MaxRowBytes = 150 };
            var whole = Read(Texts, BatchFormat.Csv, body, limits);
            var cut = Read(Texts, BatchFormat.Csv, body, limits with { WindowBytes = 1 }, chunk: random.Next(1, 80));
            Assert.Equal(Rows(whole), Rows(cut));
            Assert.Equal(whole.Faults(), cut.Faults());
        }
    }

    [Fact]
    public async Task Large_rows_fill_a_block_by_their_bytes()
    {
        var limits = IngestionLimits.Default with { BlockBytes = 1 << 20 };
        using var rows = new RowCollector(ContractPlan.Plain(Texts), [], limits);
        using var reader = new CsvRowReader(
            new ChunkedStream(Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Repeat(new string('x', 500_000) + ",y\n", 10))), int.MaxValue), CsvDialect.Default, limits);
        while (!rows.IsFull)
            Assert.True(await reader.ReadAsync(rows, default));
        Assert.Equal(3, rows.Block.Rows);
    }

    private static string Show(Parsed parsed) =>
        $"{Rows(parsed)} || {string.Join(';', parsed.Quarantine.Select(row => row.ToJsonString()))} || {parsed.Received}";

    private static string Rows(Parsed parsed) => string.Join('\u0001', parsed.Rows.Zip(parsed.RowNumbers)
        .Select(row => row.Second + ":" + string.Join('\u0002', row.First.Select(value => value ?? "NULL"))));
}
