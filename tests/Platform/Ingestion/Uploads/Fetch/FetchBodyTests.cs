using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Uploads.Fetch;

public sealed class FetchBodyTests
{
    private const string Contract = """{ "fields": [ {"name": "id", "type": "int64"} ] }""";
    private const string Asked = """ {"url": "https://files.example.com/orders.csv?sig=1", "bytes": 12, "contentType": "text/csv"}""";

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData(FetchRequest.MediaType)]
    public async Task An_object_with_a_url_asks_to_fetch(string type)
    {
        var body = await OpenAsync(type, Asked);

        Assert.Equal(new FetchRequest { Url = "https://files.example.com/orders.csv?sig=1", Bytes = 12, ContentType = "text/csv" }, body.Request);
    }

    [Theory]
    [InlineData("text/csv", Asked, Contract)]
    [InlineData("application/x-ndjson", Asked, Contract)]
    [InlineData("application/json", Asked, """{ "fields": [ {"name": "url", "type": "string"} ] }""")]
    [InlineData("application/json", Asked, """{ "fields": [ {"name": "address", "source": "URL", "type": "string"} ] }""")]
    [InlineData("application/json", Asked, """{ "onUnexpected": "evolve", "fields": [ {"name": "id", "type": "int64"} ] }""")]
    [InlineData("application/json", """{"url": "https://files.example.com/orders.csv", "id": 1}""", Contract)]
    [InlineData("application/json", """{"url": 1}""", Contract)]
    [InlineData("application/json", """{"id": 1}""", Contract)]
    [InlineData("application/json", """[{"url": "https://files.example.com/orders.csv"}]""", Contract)]
    [InlineData("application/json", """{"url": "https://files.example.com/orders.csv"} {"url": "https://files.example.com/orders.csv"}""", Contract)]
    [InlineData("application/json", """{"url": "\ud800"}x""", Contract)]
    [InlineData("application/json", "", Contract)]
    public async Task All_else_is_rows_and_comes_whole(string type, string text, string contract)
    {
        var body = await OpenAsync(type, text, contract);

        Assert.Null(body.Request);
        Assert.Equal(text, await new StreamReader(body.Rows).ReadToEndAsync());
    }

    [Fact]
    public async Task A_long_object_is_rows_and_comes_whole()
    {
        var text = $$"""{"url": "{{new string('x', 40_000)}}"}""";
        var body = await OpenAsync("application/json", text);

        Assert.Null(body.Request);
        Assert.Equal(text, await new StreamReader(body.Rows).ReadToEndAsync());
    }

    [Theory]
    [InlineData("""{"url": "https://files.example.com/a", "headers": {"authorization": "Bearer x"}}""", "NoHeaders")]
    [InlineData("""{"url": "https://files.example.com/a", "sha256": "abc"}""", "InvalidHash")]
    [InlineData("""{"url": "https://files.example.com/a", "bytes": -1}""", "OutOfRange")]
    [InlineData("""{"url": "https://files.example.com/a", "bytes": 1.5}""", "OutOfRange")]
    [InlineData("""{"url": "https://files.example.com/a", "method": "POST"}""", "UnknownMember")]
    [InlineData("""{}""", "MissingMember")]
    [InlineData("""[]""", "WrongKind")]
    public async Task A_request_with_mistakes_lists_them(string json, string mistake)
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => OpenAsync(FetchRequest.MediaType, json));

        Assert.Equal("InvalidFetch", failure.Code);
        Assert.Contains(failure.Details, detail => detail.Code == mistake);
    }

    [Theory]
    [InlineData("""{"url": "https://files.example.com/a", "contentType": "text/html"}""", "UnsupportedMediaType")]
    [InlineData("""{"url": "https://files.example.com/a", "contentEncoding": "lzma"}""", "UnsupportedMediaType")]
    [InlineData("""{"url": """, "MalformedJson")]
    public async Task What_cannot_be_read_is_said_at_once(string json, string code) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<TerminalException>(() => OpenAsync(FetchRequest.MediaType, json))).Code);

    [Fact]
    public async Task A_request_to_fetch_is_short() =>
        Assert.Equal("FetchTooLong", (await Assert.ThrowsAsync<TerminalException>(() => OpenAsync(FetchRequest.MediaType, new string(' ', 40_000)))).Code);

    private static Task<FetchBody> OpenAsync(string type, string text, string contract = Contract) => FetchBody.OpenAsync(
        type, null, new ChunkedStream(Encoding.UTF8.GetBytes(text), 100), DefinitionParser.Parse<DatasetDefinition>(Encoding.UTF8.GetBytes(contract), "orders"), default);
}
