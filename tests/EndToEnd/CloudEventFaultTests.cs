using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary><c>kill -9</c> while several senders deliver the same events; each then delivers all of them again: every event is there exactly once.</summary>
public sealed class CloudEventFaultTests(ITestOutputHelper output)
{
    private const int Senders = 4;
    private const int Events = 8;

    private static readonly string[] Places =
    [
        "after-claim", "after-raw", "after-parts", "before-commit", "after-commit", "before-ledger", "before-receipt", "before-claim-end",
    ];

    [Theory]
    [InlineData("append")]
    [InlineData("merge")]
    public async Task Events_delivered_again_after_a_kill_are_there_once(string disposition)
    {
        var random = FaultRounds.Random(output);
        using var folder = new TestFolder();
        var rounds = FaultRounds.Count(1, 25);
        for (var round = 0; round < rounds; round++)
        {
            var fault = $"{(round == 0 ? "after-commit" : Places[random.Next(Places.Length)])}:{random.Next(2, 6)}";
            await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string> { [FaultPoint.Variable] = fault }))
            {
                using var contract = new StringContent($$"""
                    { "writeDisposition": "{{disposition}}", "key": ["id"], "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "round", "type": "int64"} ] }
                    """, Encoding.UTF8, "application/json");
                using var put = await host.Client.PutAsync("/api/v1/datasets/readings", contract);
                Assert.True(put.IsSuccessStatusCode);
                await DeliverAsync(host, round, untilDeath: true);
                await host.KillAsync();
            }

            await using var next = await AppHost.StartAsync(folder.Storage, folder.Path);
            await DeliverAsync(next, round, untilDeath: false);
            Assert.Equal((round + 1) * Events, await new PlatformApi(next.Client).CountAsync("datasets/readings"));
            output.WriteLine($"round {round}: {fault}");
            Assert.Equal(0, await next.StopAsync());
        }
    }

    private static Task DeliverAsync(AppHost host, int round, bool untilDeath) => Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
    {
        for (var i = 0; i < Events && !(untilDeath && host.HasExited); i++)
        {
            // Each sender begins with another event.
            var id = (round * 100) + ((i + (sender * 2)) % Events);
            var body = $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"/faults","type":"t","data":{"id":{{{id}}},"round":{{{round}}}}}""";
            try
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/cloudevents+json");
                using var answer = await host.Client.PostAsync("/api/v1/ingest/readings", content);
                Assert.True(untilDeath || answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}");
            }
            catch (Exception fault) when (untilDeath && fault is HttpRequestException or SocketException)
            {
                return; // The host has died.
            }
        }
    }));
}
