using System.Diagnostics;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>From the start of the process to the first answer with status 200: the platform on folder storage beside an empty ASP.NET Core app.</summary>
internal static class StartBenchmark
{
    private const int Rounds = 5;
    private const string BaselineName = "empty ASP.NET Core app";

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        var settings = new Dictionary<string, string>
        {
            ["DataPlatform__Storage"] = $"folder:{Path.Combine(folder, "data")}",
            ["DataPlatform__AdminKey"] = "dp_admin_key-of-the-benchmark",
            ["DataPlatform__Scratch"] = Path.Combine(folder, "scratch"),
            ["LocalRuntime__State"] = Path.Combine(folder, "runtime"),
        };
        string[] own = ["--port", "0"], empty = ["--urls", "http://127.0.0.1:0"];
        return
        [
            await CompareAsync(
                "start.run",
                () => RunProjectAsync("functions/App", settings, "/health/ready", own),
                () => RunProjectAsync("bench/Empty", settings, "/", empty),
                "(dotnet run --no-build)"),
            await CompareAsync(
                "start.exe",
                () => FirstAnswerAsync(Builds.Executable("DataPlatform.App"), folder, settings, "/health/ready", own),
                () => FirstAnswerAsync(Builds.Executable("DataPlatform.Bench.Empty"), folder, settings, "/", empty),
                "(the built executable)"),
        ];
    }

    private static async Task<Measurement> CompareAsync(string name, Func<Task<double>> start, Func<Task<double>> startEmpty, string note)
    {
        List<double> ours = [], baselines = [];
        for (var round = 0; round <= Rounds; round++)
        {
            double baseline = await startEmpty(), own = await start();
            Console.WriteLine($"  {name} {(round == 0 ? "warm-up" : $"round {round}")}: {own:0.00} s, baseline {baseline:0.00} s");
            if (round == 0)
                continue;
            ours.Add(own);
            baselines.Add(baseline);
        }

        return new Measurement(name, Math.Round(Stopwatches.Median(ours), 3), "s", Math.Round(Stopwatches.Median(baselines), 3), BaselineName, "lower")
        {
            Note = note,
        };
    }

    private static Task<double> RunProjectAsync(string project, Dictionary<string, string> settings, string path, string[] arguments) =>
        FirstAnswerAsync(
            "dotnet", Repository.Root, settings, path, ["run", "--no-build", "--configuration", Builds.Configuration, "--project", project, "--", .. arguments]);

    private static async Task<double> FirstAnswerAsync(
        string program, string folder, Dictionary<string, string> settings, string path, string[] arguments)
    {
        var began = Stopwatch.GetTimestamp();
        await using var process = ChildProcess.Start(program, folder, settings, arguments);
        using var client = new HttpClient { BaseAddress = new Uri(await process.ListeningAsync()) };
        using var answer = await client.GetAsync(path);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        answer.EnsureSuccessStatusCode();
        return seconds;
    }
}
