using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// The flights pipeline on a host, by REST: numbered flights joined with the airports they leave from, merged by number into a warehouse
/// table. Each pipeline has a table of its own, and begins with all flights there are.
/// </summary>
internal sealed class FlightsPipeline(AppHost host)
{
    private const string Flights = """
        { "name": "flights", "fields": [
            { "name": "id", "type": "int64", "required": true },
            { "name": "date", "type": "timestamp", "required": true },
            { "name": "delay", "type": "int32", "min": -1440, "max": 2880 },
            { "name": "distance", "type": "int32", "min": 0 },
            { "name": "origin", "type": "string", "required": true, "pattern": "^[A-Z0-9]{3}$" },
            { "name": "destination", "type": "string", "required": true, "pattern": "^[A-Z0-9]{3}$" } ] }
        """;

    private static string Airports { get; } = Path.Combine(Repository.Root, "samples", "flights", "datasets", "airports.json");

    /// <summary>Defines the datasets and sends the airports.</summary>
    public async Task SetUpAsync()
    {
        await PutAsync("datasets/flights", Flights);
        await PutAsync("datasets/airports", await File.ReadAllTextAsync(Airports));
        await SendAsync("airports", FlightsFiles.Airports, "text/csv");
    }

    public async Task SendFlightsAsync(string parquet, long rows)
    {
        var receipt = await SendAsync("flights", parquet, "application/vnd.apache.parquet");
        if (receipt.GetProperty("loaded").GetInt64() is var loaded && loaded != rows)
            throw new InvalidOperationException($"{loaded} flights were loaded instead of {rows}.");
    }

    /// <param name="parallel">Whether activities share the work.</param>
    public Task DefineAsync(string pipeline, string table, bool parallel = false) => PutAsync($"pipelines/{pipeline}", $$"""
        { "steps": [ { "name": "enrich", "target": "{{table}}", "mode": "merge", "key": ["id"], "parallel": "{{(parallel ? "files" : "none")}}",
            "sql": "SELECT f.*, a.state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin" } ] }
        """);

    /// <summary>Asks for a run and waits for its end.</summary>
    /// <param name="rows">How many rows it has to write, or it has failed.</param>
    /// <param name="replaced">How many of them have to take the place of others.</param>
    public async Task RunAsync(string pipeline, long rows, long replaced)
    {
        var run = await ReadAsync(await host.Client.PostAsync($"/api/v1/pipelines/{pipeline}/runs?wait=60", content: null));
        var id = run.GetProperty("id").GetString();
        while (run.GetProperty("status").GetString() is "NotStarted" or "Running")
            run = await ReadAsync(await host.Client.GetAsync($"/api/v1/runs/{id}?wait=60"));
        if (run.GetProperty("status").GetString() != "Succeeded"
            || run.GetProperty("steps")[0] is var step && (Number(step, "rowsOut") != rows || Number(step, "rowsReplaced") != replaced))
            throw new InvalidOperationException($"The run should have written {rows} rows and replaced {replaced}: {run}");
    }

    /// <returns>Number of rows, sum of delays and number of states in a table.</returns>
    public async Task<(long Rows, long Delay, long States)> SumAsync(string table)
    {
        var query = $$"""{ "sql": "SELECT count(*) AS rows, CAST(sum(delay) AS BIGINT) AS delay, count(DISTINCT state) AS states FROM {{table}}" }""";
        using var body = new StringContent(query, Encoding.UTF8, "application/json");
        var row = (await ReadAsync(await host.Client.PostAsync("/api/v1/warehouse/query", body))).GetProperty("value")[0];
        return (Number(row, "rows"), Number(row, "delay"), Number(row, "states"));
    }

    private static long Number(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    internal async Task PutAsync(string path, string document)
    {
        using var body = new StringContent(document, Encoding.UTF8, "application/json");
        await ReadAsync(await host.Client.PutAsync($"/api/v1/{path}", body));
    }

    private async Task<JsonElement> SendAsync(string dataset, string file, string contentType)
    {
        await using var body = File.OpenRead(file);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/ingest/{dataset}/batches") { Content = new StreamContent(body, 1 << 20) };
        request.Headers.TransferEncodingChunked = true;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return await ReadAsync(await host.Client.SendAsync(request));
    }

    internal static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode
                ? JsonElement.Parse(text)
                : throw new InvalidOperationException($"'{answer.RequestMessage!.RequestUri}' answered {(int)answer.StatusCode}: {text}");
        }
    }
}
