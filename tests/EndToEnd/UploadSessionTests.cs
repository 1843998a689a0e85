using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Upload sessions, written by the official JavaScript client for Azure blobs.</summary>
public sealed class UploadSessionTests(PlatformFixture platform, ITestOutputHelper output) : IClassFixture<PlatformFixture>
{
    private const int Rows = 40_000;
    private const int BlockBytes = 256 << 10;

    [Theory]
    [InlineData("blocks")]
    [InlineData("stream")]
    public async Task A_session_is_written_completed_and_loaded(string mode)
    {
        var name = PlatformFixture.NewName("session");
        var api = new PlatformApi(platform.Client);
        await PutAsync(api, name);
        using var folder = new TestFolder();
        await SendAsync(api, name, mode, folder, await WriteAsync(folder));
    }

    [Theory]
    [InlineData("resume")]
    [InlineData("stream")]
    public async Task Without_an_account_the_platform_takes_the_blocks_itself(string mode)
    {
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");
        var written = await SendAsync(api, "flights", mode, folder, await WriteAsync(folder));
        if (mode == "resume")
            Assert.Equal((written.GetProperty("blocks").GetInt32() + 1) / 2, written.GetProperty("resumed").GetInt32());
        Assert.Empty(Directory.GetFiles(folder.Table("lake/uploads"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_session_that_was_completed_is_loaded_also_if_the_host_dies_then()
    {
        using var folder = new TestFolder();
        var file = await WriteAsync(folder);
        string self;
        await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { [FaultPoint.Variable] = "after-complete" }))
        {
            var api = new PlatformApi(host.Client);
            await api.PutSampleAsync("datasets", "flights");
            var session = await BeginAsync(api, "flights", file);
            self = Link(session, "self");
            await JudgeAsync("stream", session, file);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => api.Client.PostAsync(Link(session, "complete"), null));
        }

        await using var next = await AppHost.StartAsync(folder.Storage, folder.Path);
        var upload = await WaitAsync(new PlatformApi(next.Client), self);
        Assert.Equal(("Succeeded", Rows), (upload.GetProperty("status").GetString(), upload.GetProperty("rows").GetInt32()));
        Assert.Equal(Rows, await new PlatformApi(next.Client).CountAsync("datasets/flights"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_session_is_told_at_once()
    {
        var name = PlatformFixture.NewName("wrong");
        var api = new PlatformApi(platform.Client);
        await PutAsync(api, name);
        var address = $"/api/v1/ingest/{name}/uploads";
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(() => api.Client.PostAsJsonAsync("/api/v1/ingest/no_such_dataset/uploads", new { contentType = "text/csv" })));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await StatusAsync(() => api.Client.PostAsJsonAsync(address, new { contentType = "text/html" })));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(() => api.Client.PostAsJsonAsync(address, new { contentType = "text/csv", size = 7 })));

        using var answer = await api.Client.PostAsJsonAsync(address, new { contentType = "text/csv" });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(answer.Headers.Location!.AbsolutePath, Link(await PlatformApi.ReadAsync(answer), "self"));
        var session = await PlatformApi.ReadAsync(answer);
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(() => api.Client.PostAsync(Link(session, "complete"), null)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(() => api.Client.DeleteAsync(Link(session, "self"))));
        Assert.Equal("Canceled", (await api.GetAsync(Link(session, "self"))).GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(() => api.Client.PostAsync(Link(session, "complete"), null)));
    }

    [Fact]
    public async Task A_body_beyond_the_request_limit_is_loaded_with_flat_memory()
    {
        Assert.SkipUnless(FaultRounds.Long, "With --long.");
        const long limit = 500L << 20;
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");
        var file = Path.Combine(folder.Path, "large.csv");
        long rows;
        await using (var body = new RepeatedRows("date,delay,distance,origin,destination\n", "2001-01-13T14:56:00Z,32,417,SAN,SJC\n", 150L << 20))
        await using (var target = File.Create(file))
        {
            rows = body.Rows;
            await body.CopyToAsync(target);
        }

        var session = await BeginAsync(api, "flights", file);
        await JudgeAsync("stream", session, file, 8 << 20);
        await api.StartAsync(Link(session, "complete"));
        var upload = await WaitAsync(api, Link(session, "self"));
        var peak = ProcessMemory.PeakBytes(host.ProcessId);
        output.WriteLine($"{upload.GetProperty("bytes").GetInt64():N0} bytes, {rows:N0} rows: peak {peak >> 20} MB");
        Assert.Equal(rows, upload.GetProperty("rows").GetInt64());
        Assert.InRange(peak, 1, limit);
    }

    private static async Task PutAsync(PlatformApi api, string name) =>
        await api.PutAsync("datasets", name, (await Samples.DocumentAsync("datasets", "flights")).Replace("\"flights\"", $"\"{name}\"", StringComparison.Ordinal));

    private static async Task<JsonElement> SendAsync(PlatformApi api, string dataset, string mode, TestFolder folder, string file)
    {
        var session = await BeginAsync(api, dataset, file);
        var written = await JudgeAsync(mode, session, file);
        using var answer = await api.Client.PostAsJsonAsync(Link(session, "complete"), new { etag = written.GetProperty("etag").GetString() });
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        var upload = await WaitAsync(api, Link(session, "self"));
        Assert.True(upload.GetProperty("status").GetString() == "Succeeded", upload.ToString());
        var receipt = await api.GetAsync(Link(upload, "receipt"));
        Assert.Equal((Rows, Rows, new FileInfo(file).Length), (receipt.GetProperty("received").GetInt32(), receipt.GetProperty("loaded").GetInt32(), receipt.GetProperty("bytes").GetInt64()));
        Assert.Equal(Rows, await api.CountAsync($"datasets/{dataset}"));
        using var again = await api.Client.PostAsync(Link(session, "complete"), null);
        Assert.Equal((HttpStatusCode.Accepted, "Succeeded"), (again.StatusCode, (await PlatformApi.ReadAsync(again)).GetProperty("status").GetString()));
        return written;
    }

    private static async Task<string> WriteAsync(TestFolder folder)
    {
        var file = Path.Combine(folder.Path, "flights.csv");
        await File.WriteAllTextAsync(file, Samples.FlightsCsv(Rows));
        return file;
    }

    private static async Task<JsonElement> BeginAsync(PlatformApi api, string dataset, string file)
    {
        using var answer = await api.Client.PostAsJsonAsync($"/api/v1/ingest/{dataset}/uploads", new { contentType = "text/csv", bytes = new FileInfo(file).Length });
        return await PlatformApi.ReadAsync(answer);
    }

    private static Task<JsonElement> WaitAsync(PlatformApi api, string self) => PlatformApi.UntilAsync(
        () => api.GetAsync(self + "?wait=30"), upload => upload.GetProperty("status").GetString() is "Succeeded" or "Failed", "the upload did not end");

    private static async Task<HttpStatusCode> StatusAsync(Func<Task<HttpResponseMessage>> ask)
    {
        using var answer = await ask();
        return answer.StatusCode;
    }

    private static string Link(JsonElement document, string name) => document.GetProperty("links").GetProperty(name).GetString()!;

    private static async Task<JsonElement> JudgeAsync(string mode, JsonElement session, string file, int blockBytes = BlockBytes)
    {
        var script = Path.Combine(Repository.Root, "tests", "EndToEnd", "Judges", "upload-blocks.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, mode, session.GetProperty("url").GetString()!, file, $"{blockBytes}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var answer = node.StandardOutput.ReadToEndAsync();
        var error = await node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, error);
        return JsonDocument.Parse(await answer).RootElement;
    }
}
