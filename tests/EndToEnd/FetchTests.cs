using System.Net;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Batches from URLs.</summary>
public sealed class FetchTests
{
    private const string Contract = """{ "fields": [ {"name": "id", "type": "int64", "required": true} ] }""";

    private static readonly RemoteFile File = new(Encoding.UTF8.GetBytes("id\n1\nx\n3\n"));

    [Theory]
    [InlineData(null)]
    [InlineData("before-fetch-note")]
    [InlineData("after-fetch-note")]
    [InlineData("after-upload-claim")]
    public async Task A_file_is_fetched_and_loaded_once_whenever_the_host_dies(string? place)
    {
        using var folder = new TestFolder();
        await using var server = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        string location;
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path, Settings(place)))
        {
            var api = new PlatformApi(host.Client);
            await api.PutAsync("datasets", "orders", Contract);
            using var answer = await PostAsync(host.Client, "orders", server.Url("/orders.csv?sig=secret"));
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            location = new Uri(answer.Headers.GetValues("Operation-Location").Single()).PathAndQuery;
            if (place is null)
            {
                await AssertLoadedAsync(api, location, server);
                Assert.DoesNotContain("secret", host.Log, StringComparison.Ordinal);
                return;
            }

            using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
            await host.WaitForExitAsync(limit.Token);
        }

        await using var next = await AppHost.StartAsync(folder.Storage, folder.Path, Settings(null));
        await AssertLoadedAsync(new PlatformApi(next.Client), location, server);
    }

    [Fact]
    public async Task The_machine_and_its_surroundings_are_not_fetched_from()
    {
        using var folder = new TestFolder();
        await using var server = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { ["DataPlatform__FetchHttp"] = "true", ["DataPlatform__FetchPorts"] = "*" });
        var api = new PlatformApi(host.Client);
        await api.PutAsync("datasets", "orders", Contract);

        foreach (var url in new[] { server.Url("/orders.csv?sig=secret"), host.Client.BaseAddress!.ToString(), "http://169.254.169.254/metadata/instance", "http://[::ffff:127.0.0.1]/" })
        {
            using var answer = await PostAsync(host.Client, "orders", url);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{url}: {text}");
            Assert.Contains("AddressRefused", text, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        }

        // A name is resolved when it is fetched; what it leads to is told in the same words.
        using var named = await PostAsync(host.Client, "orders", server.Url("/orders.csv", "localhost"));
        var id = (await PlatformApi.ReadAsync(named)).GetProperty("id").GetString();
        var upload = await api.GetAsync($"/api/v1/ingest/orders/uploads/{id}?wait=60");
        Assert.Equal(("Failed", "AddressRefused"), (upload.GetProperty("status").GetString(), upload.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal("rejected", (await api.GetAsync($"/api/v1/receipts/{id}")).GetProperty("state").GetString());
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task A_dataset_that_nobody_has_defined_is_made_by_its_first_batch()
    {
        using var folder = new TestFolder();
        await using (var strict = await AppHost.StartAsync(folder.Storage, folder.Path))
        {
            using var refused = await new PlatformApi(strict.Client).PostBatchAsync("orders", new MemoryStream(File.Content), "text/csv");
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { ["DataPlatform__OnUnknownDataset"] = "evolve" });
        var api = new PlatformApi(host.Client);
        using var answer = await api.PostBatchAsync("orders", new MemoryStream("id,name\n1,a\n2,b\n"u8.ToArray()), "text/csv");
        var receipt = await PlatformApi.ReadAsync(answer);

        Assert.Equal((2, "orders"), (receipt.GetProperty("loaded").GetInt32(), receipt.GetProperty("created").GetProperty("name").GetString()));
        Assert.Equal("</api/v1/datasets/orders>; rel=\"describedby\"", answer.Headers.GetValues("Link").Single());
        Assert.Equal(2, (await api.GetAsync(receipt.GetProperty("created").GetProperty("links").GetProperty("self").GetString()!)).GetProperty("fields").GetArrayLength());
        var second = await api.IngestAsync("orders", "id,name,note\n3,c,new\n");
        Assert.False(second.TryGetProperty("created", out _));
        Assert.Equal(3, await api.CountAsync("datasets/orders"));
        using var reserved = await api.PostBatchAsync("system", new MemoryStream(File.Content), "text/csv");
        Assert.Equal(HttpStatusCode.BadRequest, reserved.StatusCode);
    }

    private static Dictionary<string, string> Settings(string? place)
    {
        var settings = new Dictionary<string, string>
        {
            ["DataPlatform__FetchHttp"] = "true",
            ["DataPlatform__FetchPorts"] = "*",
            ["DataPlatform__FetchAllow"] = "127.0.0.1",
            ["DataPlatform__ClaimLease"] = "00:00:02",
        };
        if (place is not null)
            settings[FaultPoint.Variable] = place;
        return settings;
    }

    private static async Task AssertLoadedAsync(PlatformApi api, string location, FetchServer server)
    {
        var upload = await api.GetAsync($"{location}?wait=60");
        Assert.True(upload.GetProperty("status").GetString() == "Succeeded", upload.ToString());
        Assert.Equal(("url", server.Url("/orders.csv")), (upload.GetProperty("origin").GetString(), upload.GetProperty("url").GetString()));
        var receipt = await api.GetAsync(upload.GetProperty("links").GetProperty("receipt").GetString()!);
        Assert.Equal((3, 2, 1), (receipt.GetProperty("received").GetInt32(), receipt.GetProperty("loaded").GetInt32(), receipt.GetProperty("quarantined").GetInt32()));
        Assert.Equal(2, await api.CountAsync("datasets/orders"));
        await api.ProveAsync("orders");
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string dataset, string url) =>
        client.PostAsync($"/api/v1/ingest/{dataset}/batches", new StringContent(JsonSerializer.Serialize(new { url }), Encoding.UTF8, "application/json"));
}
