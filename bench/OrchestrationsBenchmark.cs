using System.Net.Http.Json;

namespace DataPlatform.Bench;

/// <summary>
/// Durable orchestrations over HTTP, every step synced to disk before the next one: a fan-out of 1,000 activities, and 200 small
/// orchestrations at once. Beside them Restate does the same in turns, with calls of a service (queued durably, as activities are) and with
/// side effects inside the handler (only their results are durable).
/// </summary>
internal static class OrchestrationsBenchmark
{
    private const int Activities = 1_000;
    private const int Small = 200;
    private const int WarmUps = 5;
    private const int Rounds = 7;

    private static readonly (string Suffix, string Service, string Name)[] Baselines =
    [
        (string.Empty, "calls", $"Restate {RestatePeer.Version}, service calls"),
        (".inline", "runs", $"Restate {RestatePeer.Version}, side effects in the handler"),
    ];

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        await using var host = ChildProcess.Start(
            Builds.Executable("DataPlatform.Bench.Orchestrations"),
            folder,
            new Dictionary<string, string> { ["LocalRuntime__State"] = Path.Combine(folder, "runtime") },
            "--port",
            "0");
        using var client = new HttpClient { BaseAddress = new Uri(await host.ListeningAsync()), Timeout = TimeSpan.FromMinutes(5) };
        await using var restate = await RestatePeer.StartAsync(Path.Combine(folder, "restate"));

        var own = new OrchestrationDriver(client, (work, number) => new HttpRequestMessage(HttpMethod.Post, $"/{work}/{number}"));
        var peers = Baselines
            .Select(baseline => new OrchestrationDriver(restate.Client, (work, number) =>
                new HttpRequestMessage(HttpMethod.Post, $"/{baseline.Service}/{work}") { Content = JsonContent.Create(number) }))
            .ToList();
        return
        [
            .. await CompareAsync("orchestrations.activities", own, peers, driver => driver.FanOutAsync(Activities), $"({Activities:N0} activities of one orchestration)"),
            .. await CompareAsync("orchestrations.small", own, peers, driver => driver.ChainsAsync(Small), $"({Small} orchestrations of 3 activities each)"),
        ];
    }

    private static async Task<List<Measurement>> CompareAsync(
        string name, OrchestrationDriver own, List<OrchestrationDriver> peers, Func<OrchestrationDriver, Task<MeasuredRound>> work, string note)
    {
        OrchestrationDriver[] sides = [own, .. peers];
        var rounds = sides.Select(_ => new List<MeasuredRound>()).ToArray();
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            for (var side = 0; side < sides.Length; side++)
            {
                var done = await work(sides[side]);
                if (round >= WarmUps)
                    rounds[side].Add(done);
                var who = side == 0 ? $"  {name} {(round < WarmUps ? "warm-up" : $"round {round - WarmUps + 1}")}:" : $", Restate {Baselines[side - 1].Service}";
                Console.Write($"{who} {done.PerSecond:0}/s");
            }

            Console.WriteLine();
        }

        List<Measurement> measurements = [];
        for (var i = 0; i < Baselines.Length; i++)
        {
            var (suffix, _, baseline) = Baselines[i];
            measurements.Add(new($"{name}{suffix}", MeasuredRound.MedianPerSecond(rounds[0]), "/s", MeasuredRound.MedianPerSecond(rounds[i + 1]), baseline, "higher") { Note = note });
            measurements.Add(new($"{name}{suffix}.p99", P99(rounds[0]), "ms", P99(rounds[i + 1]), baseline, "lower") { Note = note });
        }

        return measurements;
    }

    private static double P99(List<MeasuredRound> rounds) => Math.Round(MeasuredRound.Percentile(rounds, 0.99), 1);
}
