using System.Collections.Concurrent;
using System.Net;
using System.Text;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests.Faults;

/// <summary>Senders of every kind of request, half of whom repeat what was not answered; they live longer than the hosts they talk to.</summary>
internal sealed class MixedLoad(FaultJournal journal)
{
    private const int Senders = 10;
    private const int Keepers = 3;

    /// <summary>The datasets whose broken rows are mended.</summary>
    public static readonly string[] Mended = ["orders", "events"];

    /// <summary>What a replay of broken rows mends.</summary>
    private const string Repair = """{"patch": {"nullTokens": {"amount": ["-"]}}}""";

    private readonly MixedRequests _requests = new();
    private readonly ConcurrentQueue<MixedRequest> _sent = new();
    private readonly ConcurrentQueue<string> _replays = new();
    private readonly AccountKeeper[] _keepers = [.. Enumerable.Range(0, Keepers).Select(owner => new AccountKeeper(owner))];

    /// <summary>Every request that was ever sent.</summary>
    public IReadOnlyCollection<MixedRequest> Sent => _sent;

    public IReadOnlyList<AccountKeeper> Accounts => _keepers;

    /// <summary>The addresses of all replays that were accepted.</summary>
    public IReadOnlyCollection<string> Replays => _replays;

    public static async Task DefineAsync(PlatformApi api)
    {
        const string fields = """{"name": "id", "type": "int64", "required": true}, {"name": "amount", "type": "int64"}""";
        await api.PutAsync("datasets", "orders", $$"""{ "fields": [ {{fields}}, {"name": "bucket", "type": "int32"} ] }""");
        await api.PutAsync("datasets", "events", $$"""{ "fields": [ {{fields}} ] }""");
        await api.PutAsync("datasets", "devices", $$"""{ "fields": [ {{fields}} ], "key": ["id"], "dedupe": {"window": "P7D"} }""");
        await api.PutAsync("datasets", "readings", """
            { "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "device", "type": "int64", "required": true}, {"name": "position", "type": "int64", "required": true} ],
              "key": ["device"], "operational": true, "orderBy": "position" }
            """);
        await api.PutAsync("datasets", "accounts", """
            { "fields": [ {"name": "id", "type": "string", "required": true}, {"name": "owner", "type": "int64"}, {"name": "value", "type": "int64"} ],
              "key": ["id"], "writeDisposition": "merge", "operational": true }
            """);
        await api.PutAsync("pipelines", "enrich", """
            { "steps": [ { "name": "s", "target": "facts", "sql": "SELECT * FROM new.orders" } ], "triggers": [ {"onChange": ["orders"], "debounce": "PT1S"} ] }
            """);
        const string measures = """[ {"name": "n", "type": "count"}, {"name": "total", "type": "sum", "sql": "amount"} ]""";
        await api.PutAsync("marts", "sales", $$"""
            { "source": "facts", "dimensions": [ {"name": "bucket"} ], "measures": {{measures}}, "triggers": [ {"onChange": ["facts"], "debounce": "PT1S"} ] }
            """);
        await api.PutAsync("marts", "direct", $$"""
            { "source": "orders", "dimensions": [ {"name": "bucket"} ], "measures": {{measures}}, "triggers": [ {"onChange": ["orders"], "debounce": "PT1S"} ] }
            """);
        await api.PutAsync("marts", "owners", $$"""
            { "source": "accounts", "dimensions": [ {"name": "owner"} ], "measures": {{measures.Replace("amount", "value", StringComparison.Ordinal)}},
              "triggers": [ {"onChange": ["accounts"], "debounce": "PT1S"} ] }
            """);
    }

    /// <summary>Sends until the host is dead, and kills it after some time.</summary>
    public async Task KillDuringAsync(AppHost host, Random random, TimeSpan after)
    {
        var seeds = Enumerable.Range(0, Senders + Keepers + 1).Select(_ => random.Next()).ToArray();
        var senders = Enumerable.Range(0, Senders).Select(i => SendAsync(host, new Random(seeds[i]), retries: i % 2 == 0));
        var keepers = _keepers.Select((keeper, i) => KeepAsync(host, new Random(seeds[Senders + i]), keeper));
        var all = Task.WhenAll([.. senders, .. keepers, ReplayAsync(host, new Random(seeds[^1]))]);
        await Task.WhenAny(all, Task.Delay(after));
        if (all.IsFaulted)
            await all;
        journal.Note("kill");
        await host.KillAsync();
        await all;
    }

    /// <summary>Sends what its senders repeat until it is acknowledged.</summary>
    public Task RetryAsync(AppHost host, CancellationToken cancellationToken) => Task.WhenAll(_sent.Where(request => request is { Retries: true, Acknowledged: false }).Select(async request =>
    {
        while (!request.Acknowledged)
        {
            journal.Note($"repeat of {request}: {await request.SendAsync(host.Client)}");
            if (cancellationToken.IsCancellationRequested)
                Assert.Fail($"{request}: the repeats were not taken");
            if (!request.Acknowledged)
                await Task.Delay(200, CancellationToken.None);
        }
    }));

    /// <summary>Asks for a replay of all that is in quarantine.</summary>
    public async Task<bool> TryReplayAsync(HttpClient client, string dataset, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/datasets/{dataset}/quarantine/replays") { Content = new StringContent(Repair, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        journal.Note($"replay {dataset} {key}: {(int)answer.StatusCode} {text}");
        if (answer.StatusCode == HttpStatusCode.Accepted)
            _replays.Enqueue(new Uri(answer.Headers.GetValues("Operation-Location").Single()).PathAndQuery);
        return answer.StatusCode == HttpStatusCode.Accepted;
    }

    private async Task SendAsync(AppHost host, Random random, bool retries)
    {
        while (!host.HasExited)
        {
            var request = _requests.Next(random, retries);
            _sent.Enqueue(request);
            journal.Note($"{request}: {await request.SendAsync(host.Client)}");

            // Senders of events may deliver some again that were answered long ago.
            var answered = _sent.Where(other => other is { Dataset: "events", Acknowledged: true }).ToList();
            if (random.Next(8) == 0 && answered.Count > 0)
            {
                var again = answered[random.Next(answered.Count)];
                journal.Note($"again {again}: {await again.SendAsync(host.Client)}");
            }

            await Task.Delay(random.Next(150));
        }
    }

    private async Task KeepAsync(AppHost host, Random random, AccountKeeper keeper) => await UntilDeathAsync(host, async () =>
    {
        journal.Note(await keeper.ChangeAsync(host.Client, random));
        await Task.Delay(random.Next(150));
    });

    private async Task ReplayAsync(AppHost host, Random random) => await UntilDeathAsync(host, async () =>
    {
        await Task.Delay(random.Next(500, 1500));
        await TryReplayAsync(host.Client, Mended[random.Next(Mended.Length)], $"replay-{random.Next()}");
    });

    private static async Task UntilDeathAsync(AppHost host, Func<Task> work)
    {
        try
        {
            while (!host.HasExited)
                await work();
        }
        catch (Exception fault) when (MixedRequest.IsDeath(fault))
        {
            // What is not known now is looked up in the next host.
        }
    }
}
