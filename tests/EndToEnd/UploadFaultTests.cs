using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary><c>kill -9</c> between the places an upload passes: what was answered with 202 is loaded once, without anybody asking again; what was
/// not answered is loaded once when it is sent again under its key.</summary>
public sealed class UploadFaultTests(ITestOutputHelper output)
{
    private const int Rows = 2000;

    private static readonly Dictionary<string, string> ShortLease = new() { ["DataPlatform__ClaimLease"] = "00:00:02" };

    private static readonly string[] Places =
        ["after-claim", "after-body", "after-upload", "before-upload-schedule", "after-upload-claim", "after-copy", "after-raw", "after-commit", "before-claim-end", "before-upload-end"];

    [Fact]
    public async Task What_was_accepted_is_loaded_once_whenever_the_host_dies()
    {
        var random = FaultRounds.Random(output);
        using var folder = new TestFolder();
        var csv = Samples.FlightsCsv(Rows);
        var rounds = FaultRounds.Count(4, 40);
        for (var round = 0; round < rounds; round++)
        {
            // The usual run has one place before the answer, one between answer and orchestration, one while it is loaded, one behind the commit.
            var place = FaultRounds.Long ? Places[round % Places.Length] : round switch
            {
                0 => Places[random.Next(0, 3)],
                1 => "before-upload-schedule",
                2 => Places[random.Next(4, 7)],
                _ => Places[random.Next(7, Places.Length)],
            };
            var key = $"round-{round}";
            bool answered;
            await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string>(ShortLease) { [FaultPoint.Variable] = place }))
            {
                if (round == 0)
                    await new PlatformApi(host.Client).PutSampleAsync("datasets", "flights");
                answered = await TryPostAsync(host, csv, key);
                using var limit = new CancellationTokenSource(PlatformApi.SettleLimit);
                await host.WaitForExitAsync(limit.Token);
            }

            await using var next = await AppHost.StartAsync(folder.Storage, folder.Path, ShortLease);
            var api = new PlatformApi(next.Client);
            // What is stored completely is loaded even if its sender never asks again.
            if (!answered && place != "before-upload-schedule")
                await PlatformApi.UntilAsync(() => TryPostAsync(next, csv, key), taken => taken, $"round {round}, {place}: the repeat was not taken");
            var upload = await PlatformApi.UntilAsync(
                async () => (await api.GetAsync("/api/v1/ingest/flights/uploads?top=1")).GetProperty("value")[0],
                upload => upload.GetProperty("status").GetString() is "Succeeded" or "Failed",
                $"round {round}, {place}: the upload did not end");
            Assert.True(upload.GetProperty("status").GetString() == "Succeeded", $"round {round}, {place}: {upload}");

            Assert.Equal((round + 1) * Rows, await api.CountAsync("datasets/flights"));
            var receipt = await api.GetAsync(upload.GetProperty("links").GetProperty("receipt").GetString()!);
            Assert.Equal(("committed", Rows), (receipt.GetProperty("state").GetString(), receipt.GetProperty("loaded").GetInt32()));
            await api.ProveAsync("flights");
            await PlatformApi.UntilAsync(() => Task.FromResult(Stored(folder)), files => files.Length == 0, $"round {round}, {place}: the upload's objects stay");
            output.WriteLine($"round {round}: {place}, {(answered ? "answered" : "repeated")}");
            Assert.Equal(0, await next.StopAsync());
        }
    }

    private static string[] Stored(TestFolder folder)
    {
        var uploads = folder.Table("lake/uploads");
        return Directory.Exists(uploads) ? Directory.GetFiles(uploads, "*", SearchOption.AllDirectories) : [];
    }

    /// <returns>Whether it was accepted.</returns>
    private static async Task<bool> TryPostAsync(AppHost host, string csv, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/ingest/flights/batches") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(csv)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        request.Headers.Add("Prefer", "respond-async");
        request.Headers.Add("Idempotency-Key", key);
        try
        {
            using var answer = await host.Client.SendAsync(request);
            return (int)answer.StatusCode == 202;
        }
        catch (Exception fault) when (fault is HttpRequestException or SocketException)
        {
            return false;
        }
    }
}
