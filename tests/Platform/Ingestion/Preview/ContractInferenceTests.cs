using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Preview;

public sealed class ContractInferenceTests
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests", "Platform", "Ingestion", "Preview", "Golden", "movies.json");
    private static readonly string Movies = Path.Combine(Repository.Root, "node_modules", "vega-datasets", "data", "movies.json");

    [Fact]
    public async Task Movies_go_in_by_inference_with_every_row_accounted_for()
    {
        Assert.SkipUnless(File.Exists(Movies), "Needs the sample data: npm ci.");
        await using var bed = new BatchBed();
        var body = await File.ReadAllBytesAsync(Movies, TestContext.Current.CancellationToken);
        var inference = await InferAsync(bed, "movies", "application/json", new MemoryStream(body));
        var contract = JsonSerializer.Serialize(inference.Contract, PlatformJson.Indented) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            await File.WriteAllTextAsync(Golden, contract, TestContext.Current.CancellationToken);

        Assert.Equal(await File.ReadAllTextAsync(Golden, TestContext.Current.CancellationToken), contract);
        Assert.Equal((3201, 0, true), (inference.Rows, inference.Unreadable, inference.Whole));
        Assert.Equal(["int64 9", "string 3190", "time 1"], inference.Fields[0].Seen.Select(seen => $"{seen.Key} {seen.Value}"));
        await bed.DefineAsync("movies", contract);
        var receipt = await bed.PostAsync("movies", body, "application/json");
        Assert.Equal((3201, 3201, 0, 0, 0), (receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.Duplicate, receipt.Discarded));
        Assert.Equal(["3201|9|3191|1998-06-12|760167650"],
            await bed.QueryAsync("movies", "SELECT count(*), count(title__text), count(title), CAST(first(release_date ORDER BY _row) AS VARCHAR), max(us_gross) FROM t"));
        await bed.AssertBalancedAsync("movies");
    }

    [Theory]
    [InlineData("text/csv", "id,at,code\n1,2026-01-01,007\n2,,010\n",
        """{"name":"things","fields":[{"name":"id","type":"int32","required":true},{"name":"at","type":"date"},{"name":"code","type":"string","required":true}],"key":["id"]}""")]
    [InlineData("text/csv", "First Name;Größe;2nd;userId\nA;1,5;x;1\nB;2,5;y;3000000000\n",
        """{"name":"things","fields":[{"name":"first_name","source":"First Name","type":"string","required":true},{"name":"grosse","source":"Größe","type":"string","required":true},{"name":"field_2nd","source":"2nd","type":"string","required":true},{"name":"user_id","source":"userId","type":"int64","required":true}],"csv":{"delimiter":";"}}""")]
    [InlineData("text/csv", "1,a,true\n2,b,false\n",
        """{"name":"things","fields":[{"name":"column_1","type":"int32","required":true},{"name":"column_2","type":"string","required":true},{"name":"column_3","type":"bool","required":true}],"csv":{"header":false}}""")]
    [InlineData("text/csv", "'a'|'b'\n'x|y'|1.5\n'it''s'|2e3\n",
        """{"name":"things","fields":[{"name":"a","type":"string","required":true},{"name":"b","type":"float64","required":true}],"csv":{"delimiter":"|","quote":"'"}}""")]
    [InlineData("text/csv", ",n\n1,5\n2,NA\n",
        """{"name":"things","fields":[{"name":"n","type":"int32","nullTokens":["NA"]}],"onUnexpected":{"columns":"discard_value"}}""")]
    [InlineData("text/csv", "d,e,f\n13/01/2026,01/02/2026,Jan 5 2026 1:30 PM\n14/01/2026,02/03/2026,Feb 5 2026 11:30 am\n",
        """{"name":"things","fields":[{"name":"d","type":"date","required":true,"formats":["d/M/yyyy"]},{"name":"e","type":"string","required":true},{"name":"f","type":"timestamp","required":true,"formats":["MMM d yyyy h:mm tt"]}]}""")]
    [InlineData("application/x-ndjson", "{\"a\":1,\"b\":{\"x\":1},\"c\":\"5\",\"u\":\"0b1e3f44-9e3b-4f2b-8e5d-0123456789ab\"}\n{\"a\":1.5,\"b\":[],\"c\":6,\"t\":\"2026-01-01T10:00:00Z\"}\n",
        """{"name":"things","fields":[{"name":"a","type":"float64","required":true},{"name":"b","type":"json","required":true},{"name":"c","type":"json","required":true},{"name":"u","type":"uuid"},{"name":"t","type":"timestamp"}]}""")]
    [InlineData("application/json", "[{\"a b\":\"\",\"A_B\":99999999999999999999},{\"a b\":\"12:30\",\"A_B\":1}]",
        """{"name":"things","fields":[{"name":"a_b","source":"a b","type":"time","trim":true},{"name":"a_b_2","source":"A_B","type":"decimal(38,0)","required":true}]}""")]
    public async Task A_contract_follows_from_the_sample_and_loads_it(string type, string body, string contract)
    {
        await using var bed = new BatchBed();
        var inference = await InferAsync(bed, "things", type, new MemoryStream(Encoding.UTF8.GetBytes(body)));

        Assert.Equal(contract, inference.Contract.ToJsonString(PlatformJson.Options));
        await bed.DefineAsync("things", contract);
        var receipt = await bed.PostAsync("things", Encoding.UTF8.GetBytes(body), type);
        Assert.Equal((receipt.Received, 0), (receipt.Loaded, receipt.Quarantined));
        Assert.Equal(receipt.Received, inference.Rows);
    }

    [Fact]
    public async Task Evidence_is_given_for_each_field()
    {
        await using var bed = new BatchBed();
        var body = "n,price\n" + string.Concat(Enumerable.Range(1, 50).Select(i => i == 50 ? "many,1.00\n" : $"{i % 7},{i}.50\n")) + "unknown,\n";
        var inference = await InferAsync(bed, "things", "text/csv", new MemoryStream(Encoding.UTF8.GetBytes(body)));

        var n = inference.Fields[0];
        Assert.Equal(("int32", 50, 1, 1, "1, 2, 3", "0", "6"), (n.Type, n.Values, n.Nulls, n.Misfits, string.Join(", ", n.Examples), n.Min!.Value.GetRawText(), n.Max!.Value.GetRawText()));
        Assert.Equal(["int64 49", "string 1"], n.Seen.Select(seen => $"{seen.Key} {seen.Value}"));
        Assert.Equal(("decimal(18,2)", 50, 1, 0), (inference.Fields[1].Type, inference.Fields[1].Values, inference.Fields[1].Nulls, inference.Fields[1].Misfits));
        Assert.Equal(["'n' has 1 of 50 values that are not int32: they are kept as text in 'n__text'.", "'n' has 1 words that are taken for null: unknown."], inference.Warnings);
        Assert.Equal("evolve", (string)inference.Contract["onUnexpected"]!["types"]!);
    }

    [Fact]
    public async Task A_sample_is_bounded_and_does_not_depend_on_how_the_body_arrives()
    {
        await using var bed = new BatchBed();
        var body = Encoding.UTF8.GetBytes("id,t\n" + string.Concat(Enumerable.Range(0, 400_000).Select(i => $"{i},{(i < 1000 ? "1" : "x")}\n")));
        var whole = await InferAsync(bed, "things", "text/csv", new MemoryStream(body), rows: 500);
        var slow = await InferAsync(bed, "things", "text/csv", new ChunkedStream(body, 777), rows: 500);
        var folded = await InferAsync(bed, "things", "text/csv", new MemoryStream(BatchBed.Gzip(body)), encoding: "gzip", rows: 500);

        Assert.Equal((500, false), (whole.Rows, whole.Whole));
        Assert.InRange(whole.Bytes, 1, 1 << 20);
        Assert.Equal("int32", (string)whole.Contract["fields"]![1]!["type"]!);
        var text = JsonSerializer.Serialize(whole, PlatformJson.Options);
        Assert.Equal(text, JsonSerializer.Serialize(slow, PlatformJson.Options));
        Assert.Equal(text, JsonSerializer.Serialize(folded, PlatformJson.Options));
    }

    [Fact]
    public async Task A_typed_file_says_itself_what_its_columns_are()
    {
        await using var bed = new BatchBed();
        var things = Enumerable.Range(0, 100).Select(i => new Thing(i, i, i / 3.0, i % 2 == 0, i == 5 ? null : $"{i}", i * 1000L)).ToArray();
        var body = ThingFormats.Parquet(things);
        var inference = await InferAsync(bed, "things", "application/vnd.apache.parquet", new MemoryStream(body));

        Assert.Equal(["row int64", "id int64", "n int64", "x float64", "b bool", "s string", "t timestamp"],
            inference.Fields.Select(field => $"{field.Name} {field.Type}"));
        Assert.Equal("id", (string)inference.Contract["key"]![0]!);
        await bed.DefineAsync("things", inference.Contract.ToJsonString());
        Assert.Equal(100, (await bed.PostAsync("things", body, "application/vnd.apache.parquet")).Loaded);
    }

    [Theory]
    [InlineData("Windows", "text/csv", "NothingToInfer")]
    [InlineData("things", "text/csv", "UnreadableFile")]
    [InlineData("things", "application/x-ndjson", "NothingToInfer")]
    [InlineData("things", "image/png", "UnsupportedMediaType")]
    public async Task What_says_nothing_is_refused(string dataset, string type, string code)
    {
        await using var bed = new BatchBed();
        var failure = await Assert.ThrowsAsync<TerminalException>(() => InferAsync(bed, dataset, type, new MemoryStream()));
        Assert.Equal(dataset == "Windows" ? "InvalidName" : code, failure.Code);
    }

    [Fact]
    public async Task Other_encodings_are_recognised()
    {
        await using var bed = new BatchBed();
        foreach (var (encoding, name) in new[] { (Encoding.Latin1, "windows-1252"), (Encoding.Unicode, "utf-16"), (Encoding.BigEndianUnicode, "utf-16be") })
        {
            var body = encoding.GetBytes("näme,n\nMüller,1\n");
            var inference = await InferAsync(bed, "things", "text/csv", new MemoryStream(body));
            Assert.Equal(("name", "näme", name), (inference.Fields[0].Name, inference.Fields[0].Source, (string?)inference.Contract["csv"]!["encoding"]));
            var row = await bed.Services.GetRequiredService<BatchValidator>().ValidateAsync(new PreviewRequest("things", "multipart/form-data; boundary=b", "", Form(inference.Contract, body)), null, 1, default);
            Assert.Equal(1, row.Counts.Loaded);
        }
    }

    private static MemoryStream Form(JsonObject contract, byte[] file) => new(
    [
        .. Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"contract\"\r\n\r\n{contract.ToJsonString()}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"),
        .. file,
        .. "\r\n--b--\r\n"u8,
    ]);

    private static Task<Inference> InferAsync(BatchBed bed, string dataset, string type, Stream body, string encoding = "", int rows = ContractInference.DefaultRows) =>
        bed.Services.GetRequiredService<ContractInference>().InferAsync(new PreviewRequest(dataset, type, encoding, body), rows, default);
}
