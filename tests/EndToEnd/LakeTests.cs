using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>The lake over HTTP, against any host and storage.</summary>
public sealed class LakeTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private readonly PlatformApi _api = new(platform.Client);
    private readonly string _folder = PlatformFixture.NewName("lake");

    [Fact]
    public async Task A_file_is_written_read_in_parts_listed_and_deleted()
    {
        var address = $"/api/v1/lake/files/{_folder}/sub folder/ü.txt";
        using var created = await SendAsync(HttpMethod.Put, address, HttpStatusCode.Created, "0123456789", request =>
        {
            request.Headers.Add("If-None-Match", "*");
            request.Headers.Add("x-ms-meta-Author", "ann");
        });
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.PreconditionFailed, "x", request => request.Headers.Add("If-None-Match", "*")))
        using (var part = await SendAsync(HttpMethod.Get, address, HttpStatusCode.PartialContent, null, request => request.Headers.Range = new RangeHeaderValue(3, 5)))
        {
            Assert.Equal(("345", "bytes 3-5/10"), (await part.Content.ReadAsStringAsync(), part.Content.Headers.ContentRange!.ToString()));
            Assert.Equal(("ann", created.Headers.ETag), (Assert.Single(part.Headers.GetValues("x-ms-meta-author")), part.Headers.ETag));
        }

        using (var beyond = await SendAsync(HttpMethod.Get, address, HttpStatusCode.RequestedRangeNotSatisfiable, null, request => request.Headers.Range = new RangeHeaderValue(10, null)))
            Assert.Equal("bytes */10", beyond.Content.Headers.ContentRange!.ToString());
        using (await SendAsync(HttpMethod.Get, address, HttpStatusCode.NotModified, null, request => request.Headers.IfNoneMatch.Add(created.Headers.ETag!)))
        using (var head = await SendAsync(HttpMethod.Head, address, HttpStatusCode.OK))
            Assert.Equal(10, head.Content.Headers.ContentLength);

        var level = await _api.GetAsync($"/api/v1/lake/files/{_folder}/?delimiter=/");
        Assert.Equal($"files/{_folder}/sub folder/", Assert.Single(level.GetProperty("value").EnumerateArray()).GetProperty("path").GetString());
        var all = await _api.GetAsync($"/api/v1/lake/files/{_folder}/");
        Assert.Equal("ann", Assert.Single(all.GetProperty("value").EnumerateArray()).GetProperty("metadata").GetProperty("author").GetString());

        using var replaced = await SendAsync(HttpMethod.Put, address, HttpStatusCode.OK, "new", request => request.Headers.IfMatch.Add(created.Headers.ETag!));
        using (await SendAsync(HttpMethod.Delete, address, HttpStatusCode.PreconditionFailed, null, request => request.Headers.IfMatch.Add(created.Headers.ETag!)))
        using (await SendAsync(HttpMethod.Delete, address, HttpStatusCode.NoContent, null, request => request.Headers.IfMatch.Add(replaced.Headers.ETag!)))
        using (await SendAsync(HttpMethod.Get, address, HttpStatusCode.NotFound))
            Assert.Empty((await _api.GetAsync($"/api/v1/lake/files/{_folder}/")).GetProperty("value").EnumerateArray());
    }

    [Fact]
    public async Task What_ingestion_wrote_is_read_as_it_lies_there()
    {
        await _api.PutAsync("datasets", _folder, """{ "fields": [ {"name": "id", "type": "int64", "required": true} ] }""");
        await _api.IngestAsync(_folder, "id\n1\n");

        var raw = await _api.GetAsync($"/api/v1/lake/raw/{_folder}/");
        var path = Assert.Single(raw.GetProperty("value").EnumerateArray()).GetProperty("path").GetString();
        Assert.Equal("id\n1\n", await platform.Client.GetStringAsync($"/api/v1/lake/{path}"));
        Assert.Contains("commitInfo", await platform.Client.GetStringAsync($"/api/v1/lake/tables/{_folder}/_delta_log/{0:D20}.json"), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string address, HttpStatusCode status, string? content = null, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(method, address);
        if (content is not null)
            request.Content = new StringContent(content, Encoding.UTF8, "text/plain");
        prepare?.Invoke(request);
        var answer = await platform.Client.SendAsync(request);
        Assert.True(status == answer.StatusCode, $"{method} {address}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return answer;
    }
}
