using System.Net;
using System.Text;
using System.Text.Json;

namespace DataPlatform.App.Tests.Serving;

public sealed class TableRoutesTests(AppHostFixture app) : IClassFixture<AppHostFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_is_told_with_its_schema_size_history_and_statistics()
    {
        await PutAsync("datasets/told", """{ "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "name", "type": "string"} ] }""");
        await CheckAsync("warehouse/tables/told", HttpStatusCode.NotFound, "TableEmpty");
        await IngestAsync("told", "id,name\n1,b\n2,\n");
        var between = Text(await GetAsync("warehouse/tables/told"), "timestamp")!;
        await IngestAsync("told", "id,name\n3,a\n");

        var table = await GetAsync("warehouse/tables/told");
        Assert.Equal(("dataset", 1, 3, 2), (Text(table, "kind"), Number(table, "version"), Number(table, "rows"), Number(table, "files")));
        Assert.Equal(["id:long", "name:string"], table.GetProperty("columns").EnumerateArray().Take(2).Select(column => $"{Text(column, "name")}:{Text(column, "type")}"));
        Assert.True(Number(table, "bytes") > 0 && table.GetProperty("created").GetDateTimeOffset() <= table.GetProperty("timestamp").GetDateTimeOffset());
        Assert.NotEmpty(Text(table, "operation")!);

        foreach (var then in (string[])["version=0", "timestamp=" + Uri.EscapeDataString(between)])
        {
            Assert.Equal(2, Number(await GetAsync($"warehouse/tables/told?{then}"), "rows"));
            Assert.Equal(2, (await GetAsync($"datasets/told/rows?{then}")).GetProperty("value").GetArrayLength());
            var old = (await GetAsync($"warehouse/tables/told/statistics?{then}")).GetProperty("columns")[0];
            Assert.Equal((1, 2, 0, true), (Number(old, "minimum"), Number(old, "maximum"), Number(old, "nulls"), old.GetProperty("exact").GetBoolean()));
            Assert.Equal(1, (await GetAsync($"warehouse/tables/told/history?{then}")).GetProperty("value").GetArrayLength());
        }

        var name = (await GetAsync("warehouse/tables/told/statistics")).GetProperty("columns")[1];
        Assert.Equal(("a", "b", 1), (Text(name, "minimum"), Text(name, "maximum"), Number(name, "nulls")));

        var first = await GetAsync("warehouse/tables/told/history?top=1");
        Assert.Equal((1, 1, 1), (Number(first.GetProperty("value")[0], "version"), Number(first.GetProperty("value")[0], "batches"), Number(first.GetProperty("value")[0], "rowsAdded")));
        var second = await GetAsync(new Uri(Text(first, "nextLink")!).PathAndQuery["/api/v1/".Length..]);
        Assert.Equal(0, Number(second.GetProperty("value")[0], "version"));
        Assert.False(second.TryGetProperty("nextLink", out _));
    }

    [Fact]
    public async Task Tables_of_all_kinds_are_listed_in_pages()
    {
        const string Fields = """{ "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "day", "type": "date"} ] }""";
        await PutAsync("datasets/list_b", Fields);
        await PutAsync("datasets/list_d", Fields);
        await PutAsync("pipelines/list-p", """{ "steps": [ {"name": "one", "target": "list_c", "sql": "SELECT * FROM new.list_b"}, {"name": "two", "target": "list_a", "sql": "SELECT * FROM list_c"} ] }""");
        await PutAsync("marts/list_e", """{ "source": "list_b", "dimensions": [ {"name": "day"} ], "measures": [ {"name": "n", "type": "count"} ] }""");

        foreach (var top in (int[])[1, 2, 500])
        {
            var seen = new List<string>();
            string? link = $"warehouse/tables?top={top}";
            while (link is not null)
            {
                var page = await GetAsync(link);
                seen.AddRange(page.GetProperty("value").EnumerateArray().Select(table => $"{Text(table, "name")}:{Text(table, "kind")}"));
                link = page.TryGetProperty("nextLink", out var next) ? new Uri(next.GetString()!).PathAndQuery["/api/v1/".Length..] : null;
            }

            Assert.Equal(["list_a:warehouse", "list_b:dataset", "list_c:warehouse", "list_d:dataset", "list_e:mart"], seen.Where(table => table.StartsWith("list_", StringComparison.Ordinal)));
        }

        var marts = (await GetAsync("warehouse/tables?kind=mart")).GetProperty("value").EnumerateArray().Select(table => Text(table, "name"));
        Assert.Equal(["list_e"], marts);
        Assert.Equal("list-p", Text((await GetAsync("warehouse/tables?kind=warehouse")).GetProperty("value")[0], "definedBy"));
    }

    [Theory]
    [InlineData("warehouse/tables?kind=view", HttpStatusCode.BadRequest, "InvalidQueryOption")]
    [InlineData("warehouse/tables/none_such", HttpStatusCode.NotFound, "TableNotFound")]
    [InlineData("warehouse/tables/none_such/history?top=0", HttpStatusCode.BadRequest, "InvalidQueryOption")]
    [InlineData("warehouse/tables/none_such/statistics?version=-1", HttpStatusCode.BadRequest, "InvalidQueryOption")]
    public Task What_is_asked_wrongly_says_why(string path, HttpStatusCode status, string code) => CheckAsync(path, status, code);

    [Fact]
    public async Task A_version_is_given_one_way()
    {
        await PutAsync("datasets/one_way", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        await IngestAsync("one_way", "id\n1\n");
        foreach (var path in (string[])["warehouse/tables/one_way", "warehouse/tables/one_way/statistics", "warehouse/tables/one_way/history", "datasets/one_way/rows"])
        {
            await CheckAsync(path + "?version=0&timestamp=2026-01-01", HttpStatusCode.BadRequest, "InvalidQueryOption");
            await CheckAsync(path + "?version=7", HttpStatusCode.NotFound, "TableVersionNotFound");
            await CheckAsync(path + "?timestamp=1999-01-01", HttpStatusCode.NotFound, "TableVersionNotFound");
            await CheckAsync(path + "?timestamp=yesterday", HttpStatusCode.BadRequest, "InvalidQueryOption");
        }
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await app.Client.GetAsync("/api/v1/" + path, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    private async Task CheckAsync(string path, HttpStatusCode status, string code)
    {
        using var answer = await app.Client.GetAsync("/api/v1/" + path, Token);
        Assert.Equal((status, code), (answer.StatusCode, Assert.Single(answer.Headers.GetValues("x-ms-error-code"))));
    }

    private async Task PutAsync(string path, string document)
    {
        using var content = new StringContent(document, Encoding.UTF8, "application/json");
        using var answer = await app.Client.PutAsync("/api/v1/" + path, content, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task IngestAsync(string dataset, string csv)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        using var answer = await app.Client.PostAsync($"/api/v1/ingest/{dataset}/batches", content, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }
}
