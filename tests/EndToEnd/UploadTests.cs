using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Batches that are accepted with 202 and loaded afterwards.</summary>
public sealed class UploadTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private const string Contract = """{ "fields": [ {"name": "id", "type": "int64", "required": true} ] }""";

    [Fact]
    public async Task A_batch_that_need_not_be_answered_at_once_is_accepted_and_loaded()
    {
        var name = PlatformFixture.NewName("later");
        var api = new PlatformApi(platform.Client);
        await api.PutAsync("datasets", name, Contract);

        using var answer = await PostAsync(name, "id\n1\nx\n3\n", "k", "respond-async, wait=5");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("respond-async", answer.Headers.GetValues("Preference-Applied").Single());
        var accepted = await PlatformApi.ReadAsync(answer);
        var id = accepted.GetProperty("id").GetString();
        Assert.Equal(["id", "status"], accepted.EnumerateObject().Select(member => member.Name));
        var location = new Uri(answer.Headers.GetValues("Operation-Location").Single()).PathAndQuery;
        Assert.Equal($"/api/v1/ingest/{name}/uploads/{id}", location);

        var upload = await api.GetAsync($"{location}?wait=60");
        Assert.True(upload.GetProperty("status").GetString() == "Succeeded", upload.ToString());
        Assert.Equal(100, upload.GetProperty("percent").GetDouble());
        Assert.Equal(3, upload.GetProperty("rows").GetInt64());
        Assert.False(upload.TryGetProperty("stage", out _));
        var receipt = await api.GetAsync(upload.GetProperty("links").GetProperty("receipt").GetString()!);
        Assert.Equal("committed", receipt.GetProperty("state").GetString());
        Assert.Equal((3, 2, 1), (receipt.GetProperty("received").GetInt64(), receipt.GetProperty("loaded").GetInt64(), receipt.GetProperty("quarantined").GetInt64()));

        using var again = await PostAsync(name, "id\n1\nx\n3\n", "k", "respond-async");
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal((id, "Succeeded"), ((await PlatformApi.ReadAsync(again)).GetProperty("id").GetString(), "Succeeded"));
        using var other = await PostAsync(name, "id\n7\n", "k", "respond-async");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Equal(2, await api.CountAsync($"datasets/{name}"));
        var listed = (await api.GetAsync($"/api/v1/ingest/{name}/uploads")).GetProperty("value").EnumerateArray().Select(item => item.GetProperty("id").GetString());
        Assert.Equal([id], listed);
    }

    [Fact]
    public async Task A_batch_that_is_refused_when_it_is_loaded_says_so_in_both_places()
    {
        var name = PlatformFixture.NewName("refused");
        var api = new PlatformApi(platform.Client);
        await api.PutAsync("datasets", name, """{ "fields": [ {"name": "id", "type": "int64", "required": true} ], "onUnexpected": "freeze" }""");
        using var answer = await PostAsync(name, "id,more\n1,2\n", null, "respond-async");
        var id = (await PlatformApi.ReadAsync(answer)).GetProperty("id").GetString();

        var upload = await api.GetAsync($"/api/v1/ingest/{name}/uploads/{id}?wait=60");
        var receipt = await api.GetAsync($"/api/v1/receipts/{id}");
        Assert.Equal(("Failed", "rejected"), (upload.GetProperty("status").GetString(), receipt.GetProperty("state").GetString()));
        Assert.Equal("UnexpectedField", upload.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(receipt.GetProperty("error").GetProperty("message").GetString(), upload.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task What_does_not_exist_or_is_not_read_is_refused_at_once()
    {
        var name = PlatformFixture.NewName("bad");
        await new PlatformApi(platform.Client).PutAsync("datasets", name, Contract);
        using var unknown = await PostAsync("no_such_dataset", "id\n1\n", null, "respond-async");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var type = await PostAsync(name, "<x/>", null, "respond-async", "text/html");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, type.StatusCode);
        foreach (var address in new[] { $"/api/v1/ingest/{name}/uploads/{name}-{Guid.NewGuid():n}", $"/api/v1/ingest/{name}/uploads/x", "/api/v1/ingest/no_such_dataset/uploads" })
        {
            using var missing = await platform.Client.GetAsync(address);
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }
    }

    private async Task<HttpResponseMessage> PostAsync(string dataset, string body, string? key, string prefer, string type = "text/csv")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/ingest/{dataset}/batches") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.TryAddWithoutValidation("Prefer", prefer);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await platform.Client.SendAsync(request);
    }
}
