using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DataPlatform.App.Tests.Lake;

public sealed class LakeRoutesTests(AppHostFixture app) : IClassFixture<AppHostFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_lives_its_life()
    {
        const string address = "/api/v1/lake/files/reports/März 1.csv";
        using var created = await SendAsync(
            HttpMethod.Put, address, HttpStatusCode.Created, "a,b\n1,2\n", ("If-None-Match", "*"), ("Content-Type", "text/csv; charset=utf-8"), ("x-ms-meta-Author", "ann"), ("x-ms-meta-empty", ""));
        var first = created.Headers.ETag!.Tag;
        using (var entry = JsonDocument.Parse(await created.Content.ReadAsStringAsync(Token)))
        {
            Assert.Equal("files/reports/März 1.csv", entry.RootElement.GetProperty("path").GetString());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("a,b\n1,2\n"u8)), entry.RootElement.GetProperty("sha256").GetString());
            Assert.Equal(first, $"\"{entry.RootElement.GetProperty("eTag").GetString()}\"");
        }

        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.PreconditionFailed, "x", ("If-None-Match", "*")))
        using (var read = await SendAsync(HttpMethod.Get, address, HttpStatusCode.OK))
        {
            Assert.Equal("a,b\n1,2\n", await read.Content.ReadAsStringAsync(Token));
            Assert.Equal("text/csv; charset=utf-8", read.Content.Headers.ContentType?.ToString());
            Assert.Equal((first, 8), (read.Headers.ETag!.Tag, read.Content.Headers.ContentLength));
            Assert.Equal("ann", Assert.Single(read.Headers.GetValues("x-ms-meta-author")));
            Assert.Equal("nosniff", Assert.Single(read.Headers.GetValues("X-Content-Type-Options")));
            Assert.Null(read.Content.Headers.ContentDisposition);
        }

        using (var head = await SendAsync(HttpMethod.Head, address, HttpStatusCode.OK))
            Assert.Equal((8, first), (head.Content.Headers.ContentLength, head.Headers.ETag!.Tag));
        using (var same = await SendAsync(HttpMethod.Get, address, HttpStatusCode.NotModified, null, ("If-None-Match", first)))
            Assert.Equal(first, same.Headers.ETag!.Tag);

        using var replaced = await SendAsync(HttpMethod.Put, address, HttpStatusCode.OK, "new", ("If-Match", first));
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.PreconditionFailed, "newer", ("If-Match", first)))
        using (await SendAsync(HttpMethod.Get, address, HttpStatusCode.PreconditionFailed, null, ("If-Match", first)))
        using (await SendAsync(HttpMethod.Delete, address, HttpStatusCode.PreconditionFailed, null, ("If-Match", first)))
        using (var read = await SendAsync(HttpMethod.Get, address, HttpStatusCode.OK, null, ("If-Match", replaced.Headers.ETag!.Tag)))
        {
            Assert.Equal("new", await read.Content.ReadAsStringAsync(Token));
            Assert.False(read.Headers.Contains("x-ms-meta-author"));
        }

        using (await SendAsync(HttpMethod.Delete, address, HttpStatusCode.NoContent, null, ("If-Match", replaced.Headers.ETag!.Tag)))
        using (await SendAsync(HttpMethod.Delete, address, HttpStatusCode.NotFound))
        using (await SendAsync(HttpMethod.Get, address, HttpStatusCode.NotFound))
        using (await SendAsync(HttpMethod.Head, address, HttpStatusCode.NotFound))
        {
            // All that is to be seen is the status.
        }
    }

    [Theory]
    [InlineData("bytes=0-3", 206, "0123", "bytes 0-3/10")]
    [InlineData("bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-4", 206, "6789", "bytes 6-9/10")]
    [InlineData("bytes=-400", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("bytes=8-100", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=0-1,4-5", 200, "0123456789", null)]
    [InlineData("bytes=5-2", 200, "0123456789", null)]
    [InlineData("rows=1-2", 200, "0123456789", null)]
    [InlineData("bytes=10-", 416, null, "bytes */10")]
    [InlineData("bytes=-0", 416, null, "bytes */10")]
    public async Task A_range_is_served(string range, int status, string? content, string? contentRange)
    {
        const string address = "/api/v1/lake/files/ranges/digits.bin";
        using (await SendAsync(HttpMethod.Put, address, null, "0123456789"))
        using (var answer = await SendAsync(HttpMethod.Get, address, (HttpStatusCode)status, null, ("Range", range)))
        {
            Assert.Equal(contentRange, answer.Content.Headers.ContentRange?.ToString());
            if (content is not null)
                Assert.Equal(content, await answer.Content.ReadAsStringAsync(Token));
        }
    }

    [Fact]
    public async Task A_range_of_what_was_replaced_is_not_served()
    {
        const string address = "/api/v1/lake/files/ranges/replaced.bin";
        using var old = await SendAsync(HttpMethod.Put, address, HttpStatusCode.Created, "0123456789");
        using var current = await SendAsync(HttpMethod.Put, address, HttpStatusCode.OK, "abcdefghij");
        using (var whole = await SendAsync(HttpMethod.Get, address, HttpStatusCode.OK, null, ("Range", "bytes=5-"), ("If-Range", old.Headers.ETag!.Tag)))
            Assert.Equal("abcdefghij", await whole.Content.ReadAsStringAsync(Token));
        using (var part = await SendAsync(HttpMethod.Get, address, HttpStatusCode.PartialContent, null, ("Range", "bytes=5-"), ("If-Range", current.Headers.ETag!.Tag)))
            Assert.Equal("fghij", await part.Content.ReadAsStringAsync(Token));
        using (await SendAsync(HttpMethod.Get, address, HttpStatusCode.OK, null, ("Range", "bytes=5-"), ("If-Range", "Thu, 01 Jan 2026 00:00:00 GMT")))
        {
            // The whole.
        }
    }

    [Theory]
    [InlineData("/api/v1/lake/files/", 400, "InvalidPath")]
    [InlineData("/api/v1/lake/files/a/", 400, "InvalidPath")]
    [InlineData("/api/v1/lake/files//a", 405, "MethodNotAllowed")]
    [InlineData("/api/v1/lake/files/a%2Fb", 400, "InvalidPath")]
    [InlineData("/api/v1/lake/files/a%252Fb", 400, "InvalidPath")]
    [InlineData("/api/v1/lake/files/a%5Cb", 400, "InvalidPath")]
    [InlineData("/api/v1/lake/files/a.", 400, "InvalidPath")]
    [InlineData("/api/v1/lake/files/%20a", 400, "InvalidPath")]
    [InlineData("/api/v1/lake/files/a%01", 400, "InvalidPath")]
    [InlineData("/api/v1/lake/files/..%2f..%2fcatalog%2fx", 400, "InvalidPath")]
    [InlineData("/api/v1/lake/raw/x", 405, "MethodNotAllowed")]
    [InlineData("/api/v1/lake/files/../tables/x", 405, "MethodNotAllowed")]
    [InlineData("/api/v1/lake/files/%2e%2e/tables/x", 405, "MethodNotAllowed")]
    [InlineData("/api/v1/lake/catalog/x", 405, "MethodNotAllowed")]
    public async Task Nothing_is_written_elsewhere(string address, int status, string code)
    {
        using var answer = await SendAsync(HttpMethod.Put, address, (HttpStatusCode)status, "x");
        Assert.Equal(code, Assert.Single(answer.Headers.GetValues("x-ms-error-code")));
    }

    [Theory]
    [InlineData("catalog/dataset/x.json", "ZoneNotFound")]
    [InlineData("uploads/x", "ZoneNotFound")]
    [InlineData("runs/x", "ZoneNotFound")]
    [InlineData("Files/x", "ZoneNotFound")]
    [InlineData("files", "ObjectNotFound")]
    [InlineData("raw//x", "InvalidPath")]
    [InlineData("%72aw/x", "ObjectNotFound")]
    [InlineData("warehouse/", "InvalidPath")]
    [InlineData("files/x?top=1", "UnknownQueryOption")]
    [InlineData("files/x/?delimiter=,", "InvalidQueryOption")]
    [InlineData("files/x/?after=raw/y", "InvalidQueryOption")]
    [InlineData("files/x", "ObjectNotFound")]
    [InlineData("raw/x", "ObjectNotFound")]
    [InlineData("quarantine/x", "ObjectNotFound")]
    [InlineData("marts/x/y", "ObjectNotFound")]
    public async Task What_cannot_be_read_says_why(string path, string code)
    {
        using var answer = await SendAsync(HttpMethod.Get, "/api/v1/lake/" + path, null);
        Assert.Equal(code, Assert.Single(answer.Headers.GetValues("x-ms-error-code")));
    }

    [Fact]
    public async Task Active_content_is_to_be_saved_and_not_run()
    {
        const string address = "/api/v1/lake/files/active/Seite \"1\".html";
        using (await SendAsync(HttpMethod.Put, Uri.EscapeDataString(address).Replace("%2F", "/", StringComparison.Ordinal), HttpStatusCode.Created, "<script>", ("Content-Type", "text/html")))
        using (var read = await SendAsync(HttpMethod.Get, Uri.EscapeDataString(address).Replace("%2F", "/", StringComparison.Ordinal), HttpStatusCode.OK))
        {
            Assert.Equal("attachment", read.Content.Headers.ContentDisposition?.DispositionType);
            Assert.Equal("Seite \"1\".html", read.Content.Headers.ContentDisposition?.FileNameStar);
            Assert.StartsWith("sandbox", Assert.Single(read.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_body_that_is_not_what_its_digest_says_is_not_stored()
    {
        const string address = "/api/v1/lake/files/digests/a.txt";
        var sha256 = Convert.ToBase64String(SHA256.HashData("right"u8));
        const string Md5 = "fE8pQHiTwzSmy3qHvwRcDQ==";
        foreach (var header in ((string, string)[])[("Content-Digest", $"sha-256=:{sha256}:"), ("Content-MD5", Md5)])
        {
            using var wrong = await SendAsync(HttpMethod.Put, address, HttpStatusCode.BadRequest, "wrong", header);
            Assert.Equal("DigestMismatch", Assert.Single(wrong.Headers.GetValues("x-ms-error-code")));
        }

        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.BadRequest, "right", ("Content-MD5", "abc")))
        using (await SendAsync(HttpMethod.Get, address, HttpStatusCode.NotFound))
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.Created, "right", ("Content-MD5", Md5), ("Content-Digest", $"md5=:xx:, sha-256=:{sha256}:")))
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.UnsupportedMediaType, "x", ("Content-Encoding", "gzip")))
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.BadRequest, "x", ("Content-Range", "bytes 0-0/5")))
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.BadRequest, "x", ("x-ms-meta-writer", "me")))
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.BadRequest, "x", ("x-ms-meta-a-b", "hyphen")))
        {
            // All that is to be seen is the status.
        }
    }

    [Fact]
    public async Task A_large_body_streams_through()
    {
        var content = new byte[40 << 20];
        Random.Shared.NextBytes(content);
        using var put = new HttpRequestMessage(HttpMethod.Put, "/api/v1/lake/files/large/a.bin") { Content = new StreamContent(new MemoryStream(content)) };
        put.Headers.TransferEncodingChunked = true;
        using (var created = await app.Client.SendAsync(put, Token))
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await app.Client.GetByteArrayAsync("/api/v1/lake/files/large/a.bin", Token)));

        using var declared = new HttpRequestMessage(HttpMethod.Put, "/api/v1/lake/files/large/b.bin") { Content = new ByteArrayContent(content) };
        declared.Headers.ExpectContinue = true;
        using var refused = await app.Client.SendAsync(declared, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Lists_come_in_pages_and_by_level()
    {
        string[] names = ["a.txt", "b/1.txt", "b/2.txt", "b/c/3.txt", "b-1.txt", "d/4.txt", "ü 5.txt"];
        foreach (var name in names)
        {
            using var put = await SendAsync(HttpMethod.Put, "/api/v1/lake/files/list/" + name, HttpStatusCode.Created, name, ("x-ms-meta-n", name.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        foreach (var top in (int[])[1, 2, 3, 100])
        {
            Assert.Equal(names.Order(StringComparer.Ordinal).Select(name => "files/list/" + name), await ListAsync($"/api/v1/lake/files/list/?top={top}"));
            Assert.Equal(["files/list/a.txt", "files/list/b-1.txt", "files/list/b/", "files/list/d/", "files/list/ü 5.txt"], await ListAsync($"/api/v1/lake/files/list/?top={top}&delimiter=/"));
        }

        Assert.Equal(["files/list/b/c/3.txt"], await ListAsync("/api/v1/lake/files/list/b/c/"));
        Assert.Empty(await ListAsync("/api/v1/lake/files/list/none/"));
        Assert.Contains("raw/", await ListAsync("/api/v1/lake/"));
        using var page = await SendAsync(HttpMethod.Get, "/api/v1/lake/files/list/?top=1", HttpStatusCode.OK);
        using var document = JsonDocument.Parse(await page.Content.ReadAsStringAsync(Token));
        var entry = document.RootElement.GetProperty("value")[0];
        Assert.Equal((5, "text/plain", "5"), (entry.GetProperty("length").GetInt64(), entry.GetProperty("contentType").GetString(), entry.GetProperty("metadata").GetProperty("n").GetString()));
    }

    [Fact]
    public async Task Objects_are_copied_and_moved()
    {
        using (await SendAsync(HttpMethod.Put, "/api/v1/lake/files/transfer/a.csv", HttpStatusCode.Created, "1", ("Content-Type", "text/csv"), ("x-ms-meta-n", "7")))
        using (var copied = await PostAsync("/api/v1/lake/files/transfer/b c.csv", """{"copyFrom": "files/transfer/a.csv"}""", HttpStatusCode.Created, ("If-None-Match", "*")))
        using (await PostAsync("/api/v1/lake/files/transfer/b c.csv", """{"copyFrom": "files/transfer/a.csv"}""", HttpStatusCode.PreconditionFailed, ("If-None-Match", "*")))
        using (await PostAsync("/api/v1/lake/files/transfer/b c.csv", """{"moveFrom": "files/transfer/a.csv"}""", HttpStatusCode.OK, ("If-Match", copied.Headers.ETag!.Tag)))
        using (await SendAsync(HttpMethod.Get, "/api/v1/lake/files/transfer/a.csv", HttpStatusCode.NotFound))
        using (var read = await SendAsync(HttpMethod.Get, "/api/v1/lake/files/transfer/b c.csv", HttpStatusCode.OK))
        {
            Assert.Equal(("1", "text/csv", "7"), (await read.Content.ReadAsStringAsync(Token), read.Content.Headers.ContentType?.ToString(), Assert.Single(read.Headers.GetValues("x-ms-meta-n"))));
        }
    }

    [Fact]
    public async Task Folders_are_copied_moved_and_deleted_by_operations()
    {
        for (var i = 0; i < 5; i++)
        {
            using var put = await SendAsync(HttpMethod.Put, $"/api/v1/lake/files/folders/one/{i % 2}/{i}.csv", HttpStatusCode.Created, "x");
        }

        string location;
        using (var accepted = await PostAsync("/api/v1/lake/files/folders/two/", """{"copyFrom": "files/folders/one/"}""", HttpStatusCode.Accepted, ("Idempotency-Key", "two")))
            location = Assert.Single(accepted.Headers.GetValues("Operation-Location"));
        using (var copied = await GetAsync(location + "?wait=60"))
            Assert.Equal(("Succeeded", 5), (copied.RootElement.GetProperty("status").GetString(), copied.RootElement.GetProperty("copied").GetInt32()));
        using (var again = await PostAsync("/api/v1/lake/files/folders/two/", """{"copyFrom": "files/folders/one/"}""", HttpStatusCode.OK, ("Idempotency-Key", "two")))
            Assert.Contains("Succeeded", await again.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using (await PostAsync("/api/v1/lake/files/folders/three/?wait=60", """{"moveFrom": "files/folders/one/"}""", HttpStatusCode.OK))
        {
            Assert.Empty(await ListAsync("/api/v1/lake/files/folders/one/"));
            Assert.Equal(5, (await ListAsync("/api/v1/lake/files/folders/two/")).Count);
            Assert.Contains("files/folders/three/1/3.csv", await ListAsync("/api/v1/lake/files/folders/three/"));
        }

        using (await SendAsync(HttpMethod.Delete, "/api/v1/lake/files/folders/three/", HttpStatusCode.BadRequest))
        using (await SendAsync(HttpMethod.Delete, "/api/v1/lake/files/folders/three?recursive=true", HttpStatusCode.BadRequest))
        using (await SendAsync(HttpMethod.Delete, "/api/v1/lake/files/?recursive=true", HttpStatusCode.BadRequest))
        using (await SendAsync(HttpMethod.Delete, "/api/v1/lake/files/folders/three/?recursive=true&wait=60", HttpStatusCode.OK))
        using (await SendAsync(HttpMethod.Delete, "/api/v1/lake/files/folders/three/?recursive=true&wait=60", HttpStatusCode.NotFound))
            Assert.Equal(5, (await ListAsync("/api/v1/lake/files/folders/")).Count);
    }

    [Theory]
    [InlineData("files/x", "{}", 400, "InvalidTransfer")]
    [InlineData("files/x", """{"copyFrom": "files/a", "moveFrom": "files/a"}""", 400, "InvalidTransfer")]
    [InlineData("files/x", """{"copyfrom": "files/a"}""", 400, "InvalidTransfer")]
    [InlineData("files/x", """{"copyFrom": 1}""", 400, "InvalidTransfer")]
    [InlineData("files/x", "[", 400, "InvalidJson")]
    [InlineData("files/x", """{"copyFrom": "files/../catalog/x"}""", 400, "InvalidPath")]
    [InlineData("files/x", """{"copyFrom": "catalog/x"}""", 404, "ZoneNotFound")]
    [InlineData("files/x", """{"copyFrom": "files/none"}""", 404, "ObjectNotFound")]
    [InlineData("files/x/", """{"copyFrom": "files/none/"}""", 404, "FolderNotFound")]
    [InlineData("files/x/", """{"copyFrom": "raw/"}""", 400, "InvalidPath")]
    [InlineData("files/", """{"copyFrom": "files/a/"}""", 400, "InvalidPath")]
    [InlineData("files/x/", """{"moveFrom": "tables/a/"}""", 403, "ZoneReadOnly")]
    [InlineData("raw/x", """{"copyFrom": "files/a"}""", 405, "MethodNotAllowed")]
    public async Task A_transfer_that_cannot_be_says_why(string target, string body, int status, string code)
    {
        using var answer = await PostAsync("/api/v1/lake/" + target, body, (HttpStatusCode)status);
        Assert.Equal(code, Assert.Single(answer.Headers.GetValues("x-ms-error-code")));
    }

    [Fact]
    public async Task Access_lists_are_where_storage_has_them()
    {
        const string address = "/api/v1/lake/access/files/acl/a.txt";
        using (var read = await SendAsync(HttpMethod.Get, address, HttpStatusCode.NotImplemented))
            Assert.Equal("NoHierarchicalNamespace", Assert.Single(read.Headers.GetValues("x-ms-error-code")));
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.NotImplemented, """{"acl": "user::rwx,group::r-x,other::---"}""", ("Content-Type", "application/json")))
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.BadRequest, """{"acl": "user::rwx"}""", ("Content-Type", "application/json")))
        using (await SendAsync(HttpMethod.Put, address, HttpStatusCode.BadRequest, """{"acl": "user::rwx,group::r-x,other::---,default:user::rwx,default:group::r-x,default:other::---"}""", ("Content-Type", "application/json")))
        {
            // All that is to be seen is the status.
        }
    }

    private Task<HttpResponseMessage> PostAsync(string address, string body, HttpStatusCode status, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, address, status, body, [.. headers, ("Content-Type", "application/json")]);

    private async Task<JsonDocument> GetAsync(string address)
    {
        using var answer = await SendAsync(HttpMethod.Get, address, HttpStatusCode.OK);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task<List<string>> ListAsync(string? link)
    {
        var paths = new List<string>();
        while (link is not null)
        {
            using var page = await SendAsync(HttpMethod.Get, link, HttpStatusCode.OK);
            using var document = JsonDocument.Parse(await page.Content.ReadAsStringAsync(Token));
            paths.AddRange(document.RootElement.GetProperty("value").EnumerateArray().Select(entry => entry.GetProperty("path").GetString()!));
            link = document.RootElement.TryGetProperty("nextLink", out var next) ? next.GetString() : null;
        }

        return paths;
    }

    /// <param name="status">Null for any.</param>
    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string address, HttpStatusCode? status, string? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, address);
        if (content is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content));
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await app.Client.SendAsync(request, Token);
        if (status is not null)
            Assert.True(status == response.StatusCode, $"{method} {address}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Token)}");
        return response;
    }
}
