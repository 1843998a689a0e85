using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>
/// <c>kill -9</c> while single rows come in over several connections, some under keys and some not: what was answered is there exactly once, what was
/// repeated under its key too, what was never answered at most once, and all of it in the ledger.
/// </summary>
public sealed class RecordFaultTests(ITestOutputHelper output)
{
    private const int Senders = 8;
    private const int Requests = 12;

    private static readonly Dictionary<string, string> ShortLease = new() { ["DataPlatform__ClaimLease"] = "00:00:02" };

    private static readonly string[] Places =
    [
        "after-claim", "after-records", "before-commit", "after-commit", "before-ledger", "before-receipt", "after-receipt",
        "before-projection-cursor", "before-claim-end",
    ];

    [Fact]
    public async Task What_was_answered_survives_and_nothing_is_there_twice()
    {
        var random = FaultRounds.Random(output);
        using var folder = new TestFolder();
        var answered = new HashSet<long>();
        var sent = new HashSet<long>();
        var rounds = FaultRounds.Count(4, 50);
        for (var round = 0; round < rounds; round++)
        {
            // Two places of each usual run are the ones where rows are durable and nobody knows yet.
            var place = round switch { 0 => "after-claim", 1 => "after-commit", _ => Places[random.Next(Places.Length)] };
            var fault = $"{place}:{random.Next(1, 4)}";
            List<(long Id, string? Key)> open;
            await using (var host = await AppHost.StartAsync(folder.Storage, folder.Path, new Dictionary<string, string>(ShortLease) { [FaultPoint.Variable] = fault }))
            {
                // Later rounds may die early, of what the rounds before left to project.
                if (round == 0)
                    await DefineAsync(host);
                open = await SendUntilDeathAsync(host, round, answered, sent);
                await host.KillAsync();
            }

            await using var next = await AppHost.StartAsync(folder.Storage, folder.Path, ShortLease);
            foreach (var (id, key) in open.Where(request => request.Key is not null))
            {
                await PlatformApi.UntilAsync(
                    async () => await PostAsync(next.Client, id, key), status => status == HttpStatusCode.OK, $"round {round}, {fault}: the retry of {key} was not taken");
                answered.Add(id);
            }

            await CheckAsync(next, answered, sent, $"round {round}, {fault}");
            output.WriteLine($"round {round}: {fault}: {answered.Count} of {sent.Count} answered");
            Assert.Equal(0, await next.StopAsync());
        }
    }

    private static async Task DefineAsync(AppHost host)
    {
        using var contract = new StringContent(
            """{ "name": "readings", "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "value", "type": "float64"} ] }""", Encoding.UTF8, "application/json");
        using var answer = await host.Client.PutAsync("/api/v1/datasets/readings", contract);
        Assert.True(answer.IsSuccessStatusCode);
    }

    /// <returns>The requests without an answer.</returns>
    private static async Task<List<(long Id, string? Key)>> SendUntilDeathAsync(AppHost host, int round, HashSet<long> answered, HashSet<long> sent)
    {
        var open = new List<(long, string?)>();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            for (var i = 0; i < Requests && !host.HasExited; i++)
            {
                var id = (round * 10_000) + (sender * 100) + i;
                var key = (sender + i) % 2 == 0 ? $"key-{id}" : null;
                lock (sent)
                    sent.Add(id);
                HttpStatusCode? status = null;
                try
                {
                    status = await PostAsync(host.Client, id, key);
                }
                catch (Exception fault) when (fault is HttpRequestException or SocketException)
                {
                    // The host has died; while a connection is made the client lets the exception of the socket through.
                }

                lock (sent)
                {
                    if (status == HttpStatusCode.OK)
                        answered.Add(id);
                    else
                        open.Add((id, key));
                }
            }
        }));
        return open;
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, long id, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/ingest/readings/records")
        {
            Content = new StringContent($$"""{"id": {{id}}, "value": 0.5}""", Encoding.UTF8, "application/json"),
        };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var answer = await client.SendAsync(request);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            var receipt = await PlatformApi.ReadAsync(answer);
            Assert.Equal((1, 1), (receipt.GetProperty("received").GetInt64(), receipt.GetProperty("loaded").GetInt64()));
            Assert.Equal("realtime", receipt.GetProperty("service").GetString());
            Assert.Equal(receipt.GetProperty("links").GetProperty("self").GetString(), answer.Headers.Location!.ToString());
        }

        return answer.StatusCode;
    }

    private static async Task CheckAsync(AppHost host, HashSet<long> answered, HashSet<long> sent, string when)
    {
        var api = new PlatformApi(host.Client);
        var ledger = await PlatformApi.UntilAsync(
            () => api.GetAsync("/api/v1/ledger/readings"),
            books => books.GetProperty("balanced").GetBoolean()
                && (!books.TryGetProperty("tableVersion", out var version) || books.GetProperty("projectedVersion").GetInt64() == version.GetInt64()),
            $"{when}: the ledger did not become complete");
        var rows = new List<long>();
        for (var page = await api.GetAsync("/api/v1/datasets/readings/rows?select=id&top=100000"); ;)
        {
            rows.AddRange(page.GetProperty("value").EnumerateArray().Select(row => row.GetProperty("id").GetInt64()));
            if (!page.TryGetProperty("nextLink", out var link))
                break;
            page = await api.GetAsync(new Uri(host.Client.BaseAddress!, link.GetString()!).PathAndQuery);
        }

        Assert.Equal(rows.Count, rows.Distinct().Count());
        Assert.Subset(sent, rows.ToHashSet());
        Assert.Superset(answered, rows.ToHashSet());
        await api.ProveAsync("readings");
        var totals = ledger.GetProperty("totals");
        Assert.Equal((rows.Count, rows.Count), (totals.GetProperty("received").GetInt64(), totals.GetProperty("loaded").GetInt64()));
    }
}
