using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

public sealed class JsonRowReaderTests
{
    private static readonly DatasetDefinition Definition = Dataset(
        Field("id", FieldType.Int64, required: true), Field("s", FieldType.String), Field("any", FieldType.Json));

    [Theory]
    [InlineData("[]", "")]
    [InlineData(" \r\n[ ]\n", "")]
    [InlineData("""[{"id":1},{"id":2}]""", "1 2")]
    [InlineData("\ufeff [\n  {\n    \"id\": 1\n  }\n  ,\n  {\"id\":2 } ] ", "1 2")]
    [InlineData("""{"id":1}""", "1")]
    [InlineData("""{"id":1}{"id":2} {"id":3}""", "1 2 3")]
    [InlineData("{\n \"id\": 1,\n \"any\": [{\"x\":\"}]\\\"\"}]\n}\n{\n \"id\": 2\n}\n", "1 2")]
    [InlineData("""[{"id":1,"s":"],[{\\\"},"},{"id":2,"any":{"a":[[],{}]}}]""", "1 2")]
    public void An_array_or_objects_in_a_row_give_rows(string text, string expected)
    {
        foreach (var (window, chunk) in new[] { (256 << 10, int.MaxValue), (1, 1), (1, 3), (1, 70) })
        {
            var parsed = Json(Definition, text, IngestionLimits.Default with { WindowBytes = window }, chunk);
            Assert.Empty(parsed.Quarantine);
            Assert.Equal(expected, string.Join(' ', parsed.Rows.Select(row => row[0])));
        }
    }

    [Theory]
    [InlineData("""{"id":tru}""", "json")]
    [InlineData("""{"id" 1}""", "json")]
    [InlineData("""{"id":1,}""", "json")]
    [InlineData("""{id:1}""", "json")]
    [InlineData("""{"id":1}}""", "json")]
    [InlineData("""{"id":1]""", "json")]
    [InlineData("""{"id":1} {"id":2}""", "json")]
    [InlineData("""{"id":1} x""", "json")]
    [InlineData("""{"id":"\ud800"}""", "json")]
    [InlineData("""[{"id":1}]""", "json")]
    [InlineData("""7""", "json")]
    [InlineData("""null""", "json")]
    [InlineData("""1 true""", "json")]
    [InlineData("""{"id":1.5}""", "type")]
    [InlineData("""{"s":"x"}""", "required")]
    public void A_broken_element_goes_to_quarantine_and_the_others_load(string broken, string rule)
    {
        foreach (var (window, chunk) in new[] { (256 << 10, int.MaxValue), (1, 1), (1, 70) })
        {
            var parsed = Json(Definition, $"[\n{{\"id\":7}},\n  {broken} ,\n{{\"id\":8}}\n]", IngestionLimits.Default with { WindowBytes = window }, chunk);
            Assert.EndsWith(":" + rule, Assert.Single(parsed.Faults()), StringComparison.Ordinal);
            var row = parsed.Quarantine[0];
            Assert.Equal((broken, 2L, 3L, 14L), ((string?)row["raw"], (long)row["row"]!, (long)row["line"]!, (long)row["offset"]!));
            Assert.Equal([7L, 8L], parsed.Rows.Select(values => values[0]));
        }
    }

    [Theory]
    [InlineData("", "line 1, byte 0")]
    [InlineData("  \n ", "line 2, byte 4")]
    [InlineData("[", "line 1, byte 1")]
    [InlineData("""[{"id":1}""", "the element that starts in line 1 at byte 1")]
    [InlineData("""[{"id":1},""", "line 1, byte 10")]
    [InlineData("""[{"id":1},]""", "line 1, byte 10")]
    [InlineData("""[,{"id":1}]""", "line 1, byte 1")]
    [InlineData("""[{"id":1},,{"id":2}]""", "line 1, byte 10")]
    [InlineData("""[{"id":1}] x""", "line 1, byte 11")]
    [InlineData("""[{"id":1}][]""", "line 1, byte 10")]
    [InlineData("""{"id":1},{"id":2}""", "line 1, byte 8")]
    [InlineData("""{"id":1}]""", "line 1, byte 8")]
    [InlineData("""{"id":1""", "the element that starts in line 1 at byte 0")]
    [InlineData("""{"id":1,"s":"x}""", "the element that starts in line 1 at byte 0")]
    [InlineData("[{\"id\":0},\n{\"id\":1,{\"id\":2}]", "the element that starts in line 2 at byte 11")]
    [InlineData("7", "line 1, byte 0")]
    [InlineData("id,s\n1,2\n", "line 1, byte 0")]
    [InlineData("\"text\"", "line 1, byte 0")]
    public void A_text_that_cannot_be_followed_is_refused_with_the_place(string text, string place)
    {
        foreach (var chunk in new[] { int.MaxValue, 1 })
        {
            var failure = Assert.Throws<TerminalException>(() => Json(Definition, text, IngestionLimits.Default with { WindowBytes = 1 }, chunk));
            Assert.Equal(("UnreadableFile", FailureKind.Invalid, place), (failure.Code, failure.Kind, failure.Target));
        }
    }

    [Fact]
    public void Elements_that_are_too_long_go_to_quarantine_cut_off()
    {
        var limits = IngestionLimits.Default with { MaxRowBytes = 1000, WindowBytes = 1 };
        foreach (var length in new[] { 1000, 100_000 })
        {
            foreach (var filling in new[] { new string('x', length), string.Concat(Enumerable.Repeat("\\\"],{", length / 5)) })
            {
                var text = $"{{\"id\":1}},{{\"s\":\"{filling}\"}},{{\"id\":3}}";
                foreach (var body in new[] { $"[{text}]", text.Replace("},{", "}{", StringComparison.Ordinal) })
                {
                    var parsed = Json(Definition, body, limits, chunk: 777);
                    Assert.Equal(["2:-:size"], parsed.Faults());
                    Assert.True((bool)parsed.Quarantine[0]["truncated"]!);
                    Assert.Equal([1L, 3L], parsed.Rows.Select(row => row[0]));
                }
            }
        }
    }

    [Fact]
    public void Nesting_beyond_the_limit_breaks_its_element_only()
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);
        var parsed = Json(Definition, $$"""[{"id":1},{"id":2,"any":{{deep}}},{"id":3}]""");
        Assert.Equal(["2:-:json"], parsed.Faults());
        Assert.Equal([1L, 3L], parsed.Rows.Select(row => row[0]));
        Assert.Throws<TerminalException>(() => Json(Definition, new string('[', 5_000_000)));
        Assert.Throws<TerminalException>(() => Json(Definition, string.Concat(Enumerable.Repeat("{\"a\":", 1_000_000))));
    }

    [Fact]
    public void Random_pieces_are_read_alike_wherever_windows_end()
    {
        string[] pieces =
            ["{", "}", "[", "]", "\"", "\\", ",", ":", "\n", " ", "{\"id\":1},", "{\"id\":2,\"s\":\"é\"},", "{\"id\":\"x\"},", "1", "null,", "\"s\\\"],\""];
        var random = new Random(11);
        for (var round = 0; round < 3000; round++)
        {
            var text = new StringBuilder(random.Next(4) == 0 ? "" : "[");
            for (var i = random.Next(1, 40); i > 0; i--)
                text.Append(pieces[random.Next(pieces.Length)]);
            text.Append(random.Next(3) == 0 ? "" : "{\"id\":9}]");
            var whole = Show(text.ToString(), 256 << 10, int.MaxValue);
            Assert.Equal(whole, Show(text.ToString(), 1, random.Next(1, 40)));
        }
    }

    private static string Show(string text, int window, int chunk)
    {
        try
        {
            var parsed = Json(Definition, text, IngestionLimits.Default with { WindowBytes = window }, chunk);
            return string.Join(';', parsed.Rows.Select(row => string.Join('|', row))) + string.Join(';', parsed.Quarantine.Select(row => row.ToJsonString()));
        }
        catch (TerminalException failure)
        {
            return failure.Message;
        }
    }
}
