using System.Net.Http.Headers;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// Whole ingestion over HTTP, from the first byte sent to the receipt: raw object, hash, validation, typed Parquet, Delta commit, all
/// durable. A batch of 3,000,000 flights, chunked, on each kind of storage; median of the rounds, which take turns with the baseline.
/// </summary>
/// <param name="headBytes">What comes once at the file's start when its rows are sent several times over; null for files that cannot be.</param>
internal sealed class IngestBenchmark(string format, string contentType, string reader, Func<string, string> file, int? headBytes)
{
    private const int MemoryTimes = 4;
    private const int WarmUps = 2;
    private const int Rounds = 5;

    public async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        var path = file(folder);
        var measurements = new List<Measurement>();
        await using (var host = await StartAsync($"folder:{Path.Combine(folder, "data")}", folder))
            measurements.Add(await CompareAsync($"ingest-{format}.folder", host, path, folder));
        if (headBytes is { } head)
            measurements.Add(await CompareMemoryAsync($"ingest-{format}.folder.memory", path, head, folder));

        await using var azurite = await AzuriteProcess.StartAsync(CancellationToken.None);
        await using (var host = await StartAsync(azurite.Storage, folder))
            measurements.Add(await CompareAsync($"ingest-{format}.azurite", host, path, folder));
        return measurements;
    }

    private static async Task<AppHost> StartAsync(string storage, string folder)
    {
        var host = await AppHost.StartAsync(
            storage, Path.Combine(folder, "host"), new Dictionary<string, string> { ["DataPlatform__MaxChunkedBodyBytes"] = $"{4L << 30}", ["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] = $"{4L << 30}" });
        using var contract = new StringContent(await File.ReadAllTextAsync(FlightsFiles.Contract));
        contract.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await host.Client.PutAsync("/api/v1/datasets/flights", contract);
        answer.EnsureSuccessStatusCode();
        return host;
    }

    private async Task<Measurement> CompareAsync(string name, AppHost host, string path, string folder)
    {
        List<double> ours = [], baselines = [];
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            var baseline = await DuckDbBaseline.RunAsync(path, reader, folder);
            var own = await Stopwatches.SecondsAsync(() => PostAsync(host.Client, path));
            Console.WriteLine($"  {name} {(round < WarmUps ? "warm-up" : $"round {round - WarmUps + 1}")}: {own:0.00} s, baseline {baseline:0.00} s");
            if (round < WarmUps)
                continue;
            ours.Add(own);
            baselines.Add(baseline);
        }

        return new Measurement(name, Math.Round(Stopwatches.Median(ours), 3), "s", Math.Round(Stopwatches.Median(baselines), 3), DuckDbBaseline.Name, "lower")
        {
            Note = $"({FlightsFiles.Rows:N0} rows, {new FileInfo(path).Length / 1e6:0} MB)",
        };
    }

    /// <summary>The most memory a fresh host takes for the body, beside one four times as long.</summary>
    private async Task<Measurement> CompareMemoryAsync(string name, string path, int head, string folder)
    {
        List<double> peaks = [];
        foreach (var times in (int[])[1, MemoryTimes])
        {
            var data = Path.Combine(folder, $"memory-{times}");
            await using (var host = await StartAsync($"folder:{data}", folder))
            {
                await PostAsync(host.Client, path, times, head);
                peaks.Add(Math.Round(ProcessMemory.PeakMegabytes(host.ProcessId), 1));
            }

            Directory.Delete(data, recursive: true);
            Console.WriteLine($"  {name}: {peaks[^1]:0} MB for {times} × the body");
        }

        return new Measurement(name, peaks[1], "MB", peaks[0], "the same with a fourth of the body", "lower")
        {
            Note = $"(peak of a fresh host, {MemoryTimes} × {new FileInfo(path).Length / 1e6:0} MB)",
        };
    }

    private async Task PostAsync(HttpClient client, string path, int times = 1, int head = 0)
    {
        await using var body = new RepeatedFile(path, times, head);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/ingest/flights/batches") { Content = new StreamContent(body, 1 << 20) };
        request.Headers.TransferEncodingChunked = true;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"Ingestion answered {(int)answer.StatusCode}: {text}");

        using var receipt = JsonDocument.Parse(text);
        var loaded = receipt.RootElement.GetProperty("loaded").GetInt64();
        if (loaded != FlightsFiles.Rows * times)
            throw new InvalidOperationException($"{loaded} rows were loaded instead of {FlightsFiles.Rows * times}.");
    }
}
