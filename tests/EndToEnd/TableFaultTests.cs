using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPlatform.Failures;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>
/// <c>kill -9</c> while tables are appended to, merged into, compacted, restored, vacuumed, and their logs checkpointed and cleaned, at named places
/// and at random moments: the next process brings to an end what was asked for, the rows are those of a recomputation, and software that knows nothing
/// of us reads them.
/// </summary>
public sealed partial class TableFaultTests(ITestOutputHelper output)
{
    private const int Rows = 60;
    private const int Ids = 200;

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["DataPlatform__CheckpointCommits"] = "3",
        ["DataPlatform__ClaimLease"] = "00:00:02",
    };

    private static readonly string[] Places =
    [
        "after-stage", "before-commit", "after-commit", "after-step-commit",
        "before-compaction-commit", "after-compaction-commit", "before-restore-commit", "after-restore-commit",
        "vacuum", "after-operation-work", "before-checkpoint", "after-checkpoint", "log-cleanup",
    ];

    // Usual runs take these first: there a half-done thing is nearest to being seen.
    private static readonly string[] First = ["after-step-commit:2", "log-cleanup:2", "after-restore-commit", "vacuum"];

    private readonly Dictionary<long, long> _latest = [];
    private long _rows;
    private long _sum;

    [Fact]
    public async Task Tables_are_whole_after_any_kill_and_what_was_asked_for_is_done_once()
    {
        var random = FaultRounds.Random(output);
        using var folder = new TestFolder();
        await DefineAsync(folder);
        var died = new Dictionary<string, int>();
        var rounds = FaultRounds.Count(5, 100);
        for (var round = 0; round < rounds; round++)
        {
            Age(folder);
            var fault = Fault(round, random);
            var works = Works(folder, round);
            var done = await WorkUntilDeathAsync(folder, works, fault, random.Next(200, 5_000));

            await using var host = await AppHost.StartAsync(folder.Storage, folder.Path, Settings);
            var api = new PlatformApi(host.Client);
            try
            {
                foreach (var (_, work) in works[done..])
                    await work(api);
                await CheckAsync(api);
            }
            catch
            {
                output.WriteLine($"round {round}, {fault ?? "random moment"}, died at {NameAt(works, done)}");
                output.WriteLine(host.Log[Math.Max(0, host.Log.Length - 10_000)..]);
                throw;
            }

            Assert.Equal(0, await host.StopAsync());
            await CheckFilesAsync(folder);
            output.WriteLine($"round {round}: {fault ?? "random moment"}, died at {NameAt(works, done)}");
            var place = $"{(fault is null ? "at random" : fault.Split(':')[0])} in {NameAt(works, done).Split(' ')[0]}";
            died[place] = died.GetValueOrDefault(place) + 1;
        }

        output.WriteLine(string.Join(", ", died.OrderBy(place => place.Key).Select(place => $"{place.Value} {place.Key}")));
    }

    private static string NameAt(List<(string Name, Func<PlatformApi, Task>)> works, int done) => done < works.Count ? works[done].Name : "end";

    private static string? Fault(int round, Random random)
    {
        // The first round makes the tables.
        if (round is > 0 and <= 4)
            return First[round - 1];
        return random.Next(3) == 0 ? null : $"{Places[random.Next(Places.Length)]}:{random.Next(1, 4)}";
    }

    private static async Task DefineAsync(TestFolder folder)
    {
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path, Settings);
        var api = new PlatformApi(host.Client);
        await api.PutAsync("datasets", "orders", """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "amount", "type": "int64"} ] }""");
        await api.PutAsync("pipelines", "load", """
            { "steps": [
                { "name": "add", "target": "facts", "mode": "append", "sql": "SELECT id, amount FROM new.orders" },
                { "name": "merge", "target": "latest", "mode": "merge", "key": ["id"], "sql": "SELECT id, max(amount) AS amount FROM new.orders GROUP BY id" } ] }
            """);
        Assert.Equal(0, await host.StopAsync());
    }

    /// <summary>The requests of a round, each under a key of its own: asked for again they are found again.</summary>
    private List<(string Name, Func<PlatformApi, Task> Do)> Works(TestFolder folder, int round)
    {
        var rows = Enumerable.Range(0, Rows).Select(i => (Id: (long)((round * 37) + (i * 7)) % Ids, Amount: (round * 1_000L) + i)).ToList();
        foreach (var (id, amount) in rows)
            _latest[id] = Math.Max(amount, _latest.GetValueOrDefault(id, -1));
        (_rows, _sum) = (_rows + rows.Count, _sum + rows.Sum(row => row.Amount));
        var csv = string.Join('\n', rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Id},{row.Amount}")).Prepend("id,amount"));
        List<(string, Func<PlatformApi, Task>)> works =
        [
            ("ingest", api => IngestAsync(api, csv, $"batch-{round}")),
            ("run", api => RunAsync(api, $"run-{round}")),
        ];
        foreach (var table in new[] { "facts", "latest" })
        {
            // Positions go back with the rows: the next run brings again what came since.
            var version = Directory.Exists(folder.Table($"warehouse/{table}/_delta_log"))
                ? Directory.EnumerateFiles(folder.Table($"warehouse/{table}/_delta_log"), "*.json").Max(file => long.TryParse(Path.GetFileNameWithoutExtension(file), out var v) ? v : 0)
                : 0;
            works.Add(($"optimize {table}", api => OperateAsync(api, table, """{"operation":"optimize"}""", $"optimize-{round}")));
            works.Add(($"restore {table}", api => OperateAsync(api, table, $$"""{"operation":"restore","version":{{version}}}""", $"restore-{round}")));
        }

        works.Add(("run again", api => RunAsync(api, $"again-{round}")));
        works.Add(("optimize facts again", api => OperateAsync(api, "facts", """{"operation":"optimize"}""", $"again-{round}")));
        works.Add(("vacuum facts", api => OperateAsync(api, "facts", """{"operation":"vacuum"}""", $"vacuum-{round}")));
        works.Add(("vacuum latest", api => OperateAsync(api, "latest", """{"operation":"vacuum"}""", $"vacuum-{round}")));
        return works;
    }

    /// <returns>How many were answered and had ended.</returns>
    private static async Task<int> WorkUntilDeathAsync(
        TestFolder folder, List<(string Name, Func<PlatformApi, Task> Do)> works, string? fault, int milliseconds)
    {
        var settings = fault is null ? Settings : new Dictionary<string, string>(Settings) { [FaultPoint.Variable] = fault };
        await using var dying = await AppHost.StartAsync(folder.Storage, folder.Path, settings);
        using var over = new CancellationTokenSource();
        var killing = fault is null ? KillAsync() : Task.CompletedTask;
        var done = 0;
        try
        {
            for (; done < works.Count; done++)
                await works[done].Do(new PlatformApi(dying.Client));
        }
        catch (Exception death) when (death is HttpRequestException or SocketException or IOException)
        {
            // It has died, or is about to.
        }

        await over.CancelAsync();
        await killing;
        await dying.KillAsync();
        return done;

        async Task KillAsync()
        {
            await Task.Delay(milliseconds, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await dying.KillAsync();
        }
    }

    private async Task CheckAsync(PlatformApi api)
    {
        var facts = await RowsAsync(api, "facts");
        Assert.Equal((_rows, _sum), (facts.Count, facts.Sum(row => row.Amount)));
        Assert.Equal(facts.Count, facts.Select(row => row.Amount).Distinct().Count());
        var latest = await RowsAsync(api, "latest");
        Assert.Equal(_latest.Select(row => (row.Key, row.Value)).Order(), latest.Order());
    }

    private async Task CheckFilesAsync(TestFolder folder)
    {
        var facts = await DeltaJudge.ReadAsync(folder.Table("warehouse/facts"), "amount");
        Assert.Equal((_rows, _sum), (facts.GetProperty("rows").GetInt64(), facts.GetProperty("sum").GetInt64()));
        var latest = await DeltaJudge.ReadAsync(folder.Table("warehouse/latest"), "amount");
        Assert.Equal((_latest.Count, _latest.Values.Sum()), (latest.GetProperty("rows").GetInt64(), latest.GetProperty("sum").GetInt64()));
    }

    private static async Task<List<(long Id, long Amount)>> RowsAsync(PlatformApi api, string table)
    {
        List<(long, long)> rows = [];
        for (var page = await api.GetAsync($"/api/v1/warehouse/tables/{table}/rows?top=100000"); ;)
        {
            rows.AddRange(page.GetProperty("value").EnumerateArray().Select(row => (row.GetProperty("id").GetInt64(), row.GetProperty("amount").GetInt64())));
            if (!page.TryGetProperty("nextLink", out var next))
                return rows;
            page = await api.GetAsync(new Uri(next.GetString()!).PathAndQuery);
        }
    }

    /// <summary>A batch that died without a word keeps its repeat waiting for its lease.</summary>
    private static Task IngestAsync(PlatformApi api, string csv, string key) => PlatformApi.UntilAsync(
        async () =>
        {
            using var answer = await api.PostBatchAsync("orders", new MemoryStream(Encoding.UTF8.GetBytes(csv)), "text/csv", key);
            return answer.StatusCode;
        },
        status => status is HttpStatusCode.OK or HttpStatusCode.Created,
        $"batch {key} was not taken");

    private static Task RunAsync(PlatformApi api, string key) => EndAsync(api, "/api/v1/pipelines/load/runs", "", key);

    private static Task OperateAsync(PlatformApi api, string table, string document, string key) =>
        EndAsync(api, $"/api/v1/warehouse/tables/{table}/operations", document, key);

    /// <summary>Asks for something and waits for its end.</summary>
    private static async Task EndAsync(PlatformApi api, string address, string document, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        if (document.Length > 0)
            request.Content = new StringContent(document, Encoding.UTF8, "application/json");
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await api.Client.SendAsync(request);
        Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        await api.WaitForRunAsync(new Uri(api.Client.BaseAddress!, answer.Headers.GetValues("Operation-Location").Single()).PathAndQuery);
    }

    /// <summary>As if forty days went by: by then removed files are vacuumed and old commits cleaned away.</summary>
    private static void Age(TestFolder folder)
    {
        var days = TimeSpan.FromDays(40);
        foreach (var table in new[] { "warehouse/facts", "warehouse/latest", "lake/tables/orders" }.Select(folder.Table).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(table, "*", SearchOption.AllDirectories))
            {
                if (file.EndsWith(".json", StringComparison.Ordinal))
                    File.WriteAllText(file, Times().Replace(File.ReadAllText(file), time => $"{time.Groups["name"].Value}{long.Parse(time.Groups["ms"].Value, CultureInfo.InvariantCulture) - (long)days.TotalMilliseconds}"));
                File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file) - days);
            }
        }
    }

    [GeneratedRegex("""(?<name>"(timestamp|deletionTimestamp|modificationTime)":)(?<ms>\d+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Times();
}
