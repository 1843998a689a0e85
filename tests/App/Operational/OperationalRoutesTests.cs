using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace DataPlatform.App.Tests.Operational;

public sealed class OperationalRoutesTests(AppHostFixture app) : IClassFixture<AppHostFixture>
{
    private const string Contract = """
        { "operational": true, "key": ["id"], "writeDisposition": "merge", "fields": [
          {"name": "id", "type": "string", "required": true}, {"name": "n", "type": "int32"}, {"name": "tags", "type": "json"} ] }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_lives_its_life()
    {
        await SendAsync(HttpMethod.Put, "/api/v1/datasets/op_life", Contract, HttpStatusCode.Created);
        const string address = "/api/v1/operational/op_life/a~2Fb";

        using var created = await SendAsync(HttpMethod.Put, address, """{"n":1,"tags":{"a":1}}""", HttpStatusCode.Created, ("If-None-Match", "*"));
        var first = created.Headers.ETag!.Tag;
        Assert.Equal("0", Assert.Single(created.Headers.GetValues("Data-Version")));
        using (var receipt = await SendAsync(HttpMethod.Get, Assert.Single(created.Headers.GetValues("Data-Receipt")), null, HttpStatusCode.OK))
            Assert.Contains("\"loaded\":1", await receipt.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        await SendAsync(HttpMethod.Put, address, "{}", HttpStatusCode.PreconditionFailed, ("If-None-Match", "*"));

        using var patched = await SendAsync(HttpMethod.Patch, address, """{"tags":{"b":2}}""", HttpStatusCode.OK, ("If-Match", first));
        Assert.Equal("""{"id":"a/b","n":1,"tags":{"a":1,"b":2}}""", await patched.Content.ReadAsStringAsync(Token));
        await SendAsync(HttpMethod.Patch, address, """{"n":5}""", HttpStatusCode.PreconditionFailed, ("If-Match", first));

        using (var same = await SendAsync(HttpMethod.Get, address, null, HttpStatusCode.NotModified, ("If-None-Match", patched.Headers.ETag!.Tag)))
            Assert.Equal(patched.Headers.ETag, same.Headers.ETag);
        foreach (var path in (string[])["a%2Fb", "a~2Fb", "%61~2fb"])
        {
            using var read = await SendAsync(HttpMethod.Get, "/api/v1/operational/op_life/" + path, null, HttpStatusCode.OK, ("If-None-Match", first));
            Assert.Equal(patched.Headers.ETag, read.Headers.ETag);
        }

        await SendAsync(HttpMethod.Delete, address, null, HttpStatusCode.NoContent, ("If-Match", patched.Headers.ETag!.Tag));
        await SendAsync(HttpMethod.Get, address, null, HttpStatusCode.NotFound);
        await SendAsync(HttpMethod.Delete, address, null, HttpStatusCode.NotFound);
        using (var rows = await SendAsync(HttpMethod.Get, "/api/v1/datasets/op_life/rows?count=true", null, HttpStatusCode.OK))
            Assert.Equal("""{"count":0,"value":[]}""", await rows.Content.ReadAsStringAsync(Token));
        using var ledger = await SendAsync(HttpMethod.Post, "/api/v1/ledger/op_life/proofs?deep=true", null, HttpStatusCode.OK);
        Assert.Contains("\"proven\":true", await ledger.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_of_all_kinds_come_through_http()
    {
        await SendAsync(HttpMethod.Put, "/api/v1/datasets/op_keys", Contract, HttpStatusCode.Created);
        (string Path, string Key)[] keys =
        [
            ("~", ""), ("~2E", "."), ("~2E.", ".."), ("%20", " "), ("%3F%23", "?#"), ("100%25", "100%"), ("~252F", "%2F"), ("%2F", "/"), ("%C3%BC", "ü"), ("~C3~BC~00", "ü\0"), ("a,b+c", "a,b+c"),
        ];
        foreach (var (path, key) in keys)
        {
            using var put = await SendAsync(HttpMethod.Put, $"/api/v1/operational/op_keys/{path}", """{"n":1}""", HttpStatusCode.Created);
            using var document = JsonDocument.Parse(await put.Content.ReadAsStringAsync(Token));
            Assert.Equal(key, document.RootElement.GetProperty("id").GetString());
        }

        // Lists give each key as an address takes it, page after page.
        var seen = new List<string>();
        string? link = "/api/v1/operational/op_keys?top=4&filter=n%20eq%201";
        while (link is not null)
        {
            using var page = await SendAsync(HttpMethod.Get, link, null, HttpStatusCode.OK);
            using var list = JsonDocument.Parse(await page.Content.ReadAsStringAsync(Token));
            foreach (var item in list.RootElement.GetProperty("value").EnumerateArray())
            {
                seen.Add(item.GetProperty("row").GetProperty("id").GetString()!);
                using var one = await SendAsync(HttpMethod.Get, $"/api/v1/operational/op_keys/{item.GetProperty("key").GetString()}", null, HttpStatusCode.OK);
                Assert.Equal($"\"{item.GetProperty("eTag").GetString()}\"", one.Headers.ETag!.Tag);
                Assert.Equal(item.GetProperty("row").GetRawText(), await one.Content.ReadAsStringAsync(Token));
            }

            link = list.RootElement.TryGetProperty("nextLink", out var next) ? next.GetString() : null;
        }

        Assert.Equal(keys.Select(key => key.Key).Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_is_told()
    {
        await SendAsync(HttpMethod.Put, "/api/v1/datasets/op_wrong", Contract, HttpStatusCode.Created);
        const string address = "/api/v1/operational/op_wrong/k";
        await SendAsync(HttpMethod.Put, address, """{"n":"x"}""", HttpStatusCode.UnprocessableEntity);
        await SendAsync(HttpMethod.Put, address, "no json", HttpStatusCode.BadRequest);
        await SendAsync(HttpMethod.Put, address, "{}", HttpStatusCode.BadRequest, ("If-Match", "W/\"x\""));
        await SendAsync(HttpMethod.Put, "/api/v1/operational/op_wrong/a~", "{}", HttpStatusCode.BadRequest);
        await SendAsync(HttpMethod.Get, "/api/v1/operational/op_wrong?filter=m%20eq%201", null, HttpStatusCode.BadRequest);
        await SendAsync(HttpMethod.Get, "/api/v1/operational/op_nothing", null, HttpStatusCode.NotFound);
        await SendAsync(HttpMethod.Get, "/api/v1/datasets/op_wrong/rows", null, HttpStatusCode.NotFound);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string address, string? body, HttpStatusCode status, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(address.StartsWith('/') ? app.Client.BaseAddress!.OriginalString.TrimEnd('/') + address : address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json"));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await app.Client.SendAsync(request, Token);
        Assert.True(status == response.StatusCode, $"{method} {address}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Token)}");
        return response;
    }
}
