using System.Net.Http.Headers;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// Whole ingestion over HTTP, from the first byte sent to the receipt: raw object, hash, validation, typed Parquet, Delta commit, all
/// durable. A batch of 3,000,000 flights, chunked, on each kind of storage; median of the rounds, which take turns with the baseline.
/// </summary>
internal sealed class IngestBenchmark(string format, string contentType, string reader, Func<string, string> file)
{
    private const int WarmUps = 2;
    private const int Rounds = 5;

    public async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        var path = file(folder);
        var measurements = new List<Measurement>();
        await using (var host = await StartAsync($"folder:{Path.Combine(folder, "data")}", folder))
            measurements.Add(await CompareAsync($"ingest-{format}.folder", host, path, folder));

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

    private async Task PostAsync(HttpClient client, string path)
    {
        await using var body = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, useAsync: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/ingest/flights/batches") { Content = new StreamContent(body, 1 << 20) };
        request.Headers.TransferEncodingChunked = true;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"Ingestion answered {(int)answer.StatusCode}: {text}");

        using var receipt = JsonDocument.Parse(text);
        var loaded = receipt.RootElement.GetProperty("loaded").GetInt64();
        if (loaded != FlightsFiles.Rows)
            throw new InvalidOperationException($"{loaded} rows were loaded instead of {FlightsFiles.Rows}.");
    }
}
