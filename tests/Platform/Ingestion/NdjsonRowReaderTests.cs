using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

public sealed class NdjsonRowReaderTests
{
    private static readonly DatasetDefinition Definition = Dataset(
        Field("id", FieldType.Int64, required: true), Field("name", FieldType.String), Field("ok", FieldType.Bool), Field("any", FieldType.Json));

    [Fact]
    public void Lines_give_rows_in_any_member_order()
    {
        var parsed = Ndjson(Definition, """
            {"id":1,"name":"a\u00e9\n","ok":true,"any":{ "x": [1, 2.50, "é"] }}

            {"ok":false,"name":null,"id":2,"any":"text"}
              {"id": 3}
            """.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Empty(parsed.Quarantine);
        Assert.Equal([1L, "aé\n", true, """{"x":[1,2.50,"é"]}"""], parsed.Rows[0]);
        Assert.Equal([2L, null, false, "\"text\""], parsed.Rows[1]);
        Assert.Equal([3L, null, null, null], parsed.Rows[2]);
    }

    [Theory]
    [InlineData("""{"id":1,"name":5}""", "name", "type")]
    [InlineData("""{"id":"1"}""", "id", "type")]
    [InlineData("""{"id":1.0}""", "id", "type")]
    [InlineData("""{"id":1e2}""", "id", "type")]
    [InlineData("""{"id":9223372036854775808}""", "id", "type")]
    [InlineData("""{"name":"x"}""", "id", "required")]
    [InlineData("""{"id":null}""", "id", "required")]
    [InlineData("""{"id":1,"ok":"true"}""", "ok", "type")]
    [InlineData("""{"id":1,"ok":1}""", "ok", "type")]
    [InlineData("""{"id":1,"id":2}""", "id", "duplicate_member")]
    [InlineData("""{"id":1,"other":2}""", "other", "unknown_field")]
    [InlineData("""{"id":1,"name":{"x":1}}""", "name", "type")]
    [InlineData("""{"id":1,"name":"\ud800"}""", "-", "json")]
    [InlineData("""{"id":1""", "-", "json")]
    [InlineData("""{"id":1}}""", "-", "json")]
    [InlineData("""{"id":1} {"id":2}""", "-", "json")]
    [InlineData("""[1]""", "-", "json")]
    [InlineData("""nonsense""", "-", "json")]
    [InlineData("""{'id':1}""", "-", "json")]
    public void A_broken_line_goes_to_quarantine_with_its_text(string line, string column, string rule)
    {
        var parsed = Ndjson(Definition, $$"""
            {"id":7}
            {{line}}
            {"id":8}
            """);
        Assert.Contains($"2:{column}:{rule}", parsed.Faults());
        Assert.Equal(line, (string?)Assert.Single(parsed.Quarantine)["raw"]);
        Assert.Equal([7L, 8L], parsed.Rows.Select(row => row[0]));
        Assert.Equal((2L, 9L), ((long)parsed.Quarantine[0]["line"]!, (long)parsed.Quarantine[0]["offset"]!));
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_refused()
    {
        var deep = new string('[', 70) + new string(']', 70);
        Assert.Equal(["1:-:json"], Ndjson(Definition, $$"""{"id":1,"any":{{deep}}}""").Faults());
        var allowed = new string('[', 60) + new string(']', 60);
        Assert.Empty(Ndjson(Definition, $$"""{"id":1,"any":{{allowed}}}""").Quarantine);
    }

    [Fact]
    public void A_line_that_is_too_long_goes_to_quarantine_cut_off()
    {
        var limits = IngestionLimits.Default with { MaxRowBytes = 1000 };
        foreach (var length in new[] { 1000, 500_000, 2_000_000 })
        {
            var parsed = Ndjson(Definition, $"{{\"id\":1}}\n{{\"name\":\"{new string('x', length)}\"}}\n{{\"id\":3}}\n", limits);
            Assert.Equal(["2:-:size"], parsed.Faults());
            Assert.Equal([1L, 3L], parsed.Rows.Select(row => row[0]));
        }
    }

    [Fact]
    public void Unknown_members_follow_the_contract()
    {
        const string text = "{\"id\":1}\n{\"id\":2,\"extra\":{\"a\": 1}}\n{\"id\":3,\"extra\":\"t\",\"more\":true}\n";
        Assert.Equal(["2:extra:unknown_field", "3:extra:unknown_field", "3:more:unknown_field"], Ndjson(Definition, text).Faults());
        Assert.Equal(2, Ndjson(Definition with { OnUnexpected = UnexpectedPolicy.DiscardRow }, text).Discarded);
        Assert.Equal(3, Ndjson(Definition with { OnUnexpected = UnexpectedPolicy.DiscardValue }, text).Rows.Count);

        var evolved = Ndjson(Definition with { OnUnexpected = UnexpectedPolicy.Evolve }, text);
        Assert.Equal(["id", "name", "ok", "any", "extra", "more"], evolved.Columns);
        Assert.Equal([null, "{\"a\":1}", "t"], evolved.Rows.Select(row => row[4]));
        Assert.Equal([null, null, "true"], evolved.Rows.Select(row => row[5]));

        var frozen = Assert.Throws<TerminalException>(() => Ndjson(Definition with { OnUnexpected = UnexpectedPolicy.Freeze }, text));
        Assert.Equal((FailureKind.Conflict, "extra"), (frozen.Kind, frozen.Target));
    }

    [Fact]
    public void Bytes_that_are_no_utf8_break_the_line() => Assert.Equal(
        ["1:-:encoding"],
        Read(Definition, BatchFormat.Ndjson, [.. "{\"id\":1,\"name\":\""u8, 0xFF, .. "\"}\n{\"id\":2}"u8]).Faults());
}
