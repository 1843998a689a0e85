using System.Globalization;
using System.Text;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>
/// Queries of dashboards over the flights mart (some ten thousand rows) and the 3,000,000 flights behind it, by REST, at 1, 10 and 50 connections; beside them
/// the same SQL over the same files by DuckDB in process, a connection each. Both read all rows of each answer.
/// </summary>
internal static class MartQueryBenchmark
{
    private const int Rounds = 3;
    private static readonly int[] Connections = [1, 10, 50];
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);
    private static readonly string[] Origins = ["JFK", "LAX", "ORD", "ATL", "SEA", "DFW", "BOS", "MIA"];

    private static readonly RowQuery[] Queries =
    [
        new("mart-query.point", "marts/daily_delays", "daily_delays", seed => ($"filter=day eq {Day(seed)} and origin eq '{Origin(seed)}'", $"{MartColumns} WHERE day = DATE '{Day(seed)}' AND origin = '{Origin(seed)}' ORDER BY day, origin, state LIMIT 1001")),
        new("mart-query.filter", "marts/daily_delays", "daily_delays", seed => ($"filter=day ge {Day(seed)} and day lt {Day(seed, 7)} and flights ge 50&orderby=flights desc", $"{MartColumns} WHERE day >= DATE '{Day(seed)}' AND day < DATE '{Day(seed, 7)}' AND flights >= 50 ORDER BY flights DESC, day, origin, state LIMIT 1001")),
        new("mart-query.groupby", "marts/daily_delays", "daily_delays", _ => ("apply=groupby((state),aggregate(flights,avg_delay))&orderby=flights desc", "SELECT state, sum(flights), CAST(sum(_avg_delay_sum) AS DOUBLE) / sum(_avg_delay_count) FROM t GROUP BY state ORDER BY 2 DESC, 1 LIMIT 1001")),
        new("mart-query.page", "marts/daily_delays", "daily_delays", seed => ($"filter=day ge {Day(seed)}", $"{MartColumns} WHERE day >= DATE '{Day(seed)}' ORDER BY day, origin, state LIMIT 1001")),
        new("mart-query.fact.point", "warehouse/tables/fact_flights", "fact_flights", seed => ($"filter=id eq {seed % FlightsFiles.Rows}", $"SELECT * FROM t WHERE id = {seed % FlightsFiles.Rows} LIMIT 1001")),
        new("mart-query.fact.filter", "warehouse/tables/fact_flights", "fact_flights", seed => ($"filter=date ge {Day(seed)} and date lt {Day(seed, 1)} and origin eq '{Origin(seed)}'", $"SELECT * FROM t WHERE date >= TIMESTAMPTZ '{Day(seed)} 00:00:00Z' AND date < TIMESTAMPTZ '{Day(seed, 1)} 00:00:00Z' AND origin = '{Origin(seed)}' LIMIT 1001")),
        new("mart-query.fact.groupby", "warehouse/tables/fact_flights", "fact_flights", _ => ("apply=groupby((state),aggregate($count as flights,delay with average as mean))&orderby=flights desc", "SELECT state, count(*), avg(delay) FROM t GROUP BY state ORDER BY 2 DESC, 1 LIMIT 1001")),
        new("mart-query.fact.page", "warehouse/tables/fact_flights", "fact_flights", _ => ("", "SELECT * FROM t LIMIT 1001")),
    ];

    private const string MartColumns = "SELECT day, origin, state, flights, delay_sum, avg_delay, avg_distance FROM t";

    public static async Task<IReadOnlyList<Measurement>> RunAsync(string folder)
    {
        // The baseline's clients block: each has a thread of its own from the beginning.
        ThreadPool.SetMinThreads(2 * Connections.Max(), 2 * Connections.Max());
        var data = Path.Combine(folder, "data");
        await using var host = await AppHost.StartAsync($"folder:{data}", Path.Combine(folder, "host"));
        await SetUpAsync(host, folder);

        List<Measurement> measurements = [];
        using var mart = new DuckDbReads(Directory.GetFiles(data, "*.parquet", SearchOption.AllDirectories).Where(file => file.Contains("/daily_delays/", StringComparison.Ordinal)), Connections.Max());
        using var facts = new DuckDbReads(Directory.GetFiles(data, "*.parquet", SearchOption.AllDirectories).Where(file => file.Contains("/fact_flights/", StringComparison.Ordinal)), Connections.Max());
        foreach (var query in Queries)
        {
            var baseline = query.Table == "daily_delays" ? mart : facts;
            await CheckAsync(host, query, baseline);
            foreach (var connections in Connections)
                measurements.AddRange(await CompareAsync(host, query, baseline, connections));
        }

        measurements.Add(await UnchangedAsync(host));
        return measurements;
    }

    private static async Task SetUpAsync(AppHost host, string folder)
    {
        var pipeline = new FlightsPipeline(host);
        await pipeline.SetUpAsync();
        var flights = Path.Combine(folder, "flights.parquet");
        FlightsFiles.MakeNumbered(flights, 0, FlightsFiles.Rows);
        await pipeline.SendFlightsAsync(flights, FlightsFiles.Rows);
        await pipeline.DefineAsync("enrich", "fact_flights");
        await pipeline.RunAsync("enrich", FlightsFiles.Rows, 0);
        var definition = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "flights", "marts", "daily_delays.json"));
        using var body = new StringContent(definition, Encoding.UTF8, "application/json");
        (await host.Client.PutAsync("/api/v1/marts/daily_delays", body)).EnsureSuccessStatusCode();
        (await host.Client.PostAsync("/api/v1/marts/daily_delays/refreshes?wait=60", content: null)).EnsureSuccessStatusCode();
        while (!(await host.Client.GetAsync("/api/v1/marts/daily_delays/rows?top=1")).IsSuccessStatusCode)
            await Task.Delay(500);
    }

    /// <summary>Both sides must answer with as many rows.</summary>
    private static async Task CheckAsync(AppHost host, RowQuery query, DuckDbReads baseline)
    {
        for (var seed = 1; seed < 20; seed += 3)
        {
            var (options, sql) = query.Make(seed);
            using var json = System.Text.Json.JsonDocument.Parse(await host.Client.GetStringAsync(query.Path(options)));
            var (ours, theirs) = (json.RootElement.GetProperty("value").GetArrayLength(), Math.Min(1000, baseline.Read(0, sql)));
            if (ours != theirs)
                throw new InvalidOperationException($"{query.Name} '{options}' has {ours} rows, and {theirs} by '{sql}'.");
        }
    }

    private static async Task<List<Measurement>> CompareAsync(AppHost host, RowQuery query, DuckDbReads baseline, int connections)
    {
        var seed = 0;
        List<MeasuredRound> own = [], raw = [];
        Func<Task>[] ours = [.. Enumerable.Repeat<Func<Task>>(async () => (await host.Client.GetByteArrayAsync(query.Path(query.Make(Interlocked.Increment(ref seed)).Options))).ToString(), connections)];
        Func<Task>[] theirs = [.. Enumerable.Range(0, connections).Select(Func<Task> (connection) => () => { baseline.Read(connection, query.Make(Interlocked.Increment(ref seed)).Sql); return Task.CompletedTask; })];
        for (var round = 0; round <= Rounds; round++)
        {
            var there = await ClosedLoop.RunAsync(theirs, Time);
            var here = await ClosedLoop.RunAsync(ours, Time);
            if (round == 0)
                continue;
            own.Add(here);
            raw.Add(there);
        }

        var name = $"{query.Name}.c{connections}";
        Console.WriteLine($"  {name}: p50 {MeasuredRound.Percentile(own, 0.5):0.00} ms, baseline {MeasuredRound.Percentile(raw, 0.5):0.00} ms");
        var baselineName = $"DuckDB {DuckDbBaseline.Version} in process";
        return
        [
            new(name, MeasuredRound.Percentile(own, 0.5), "ms", MeasuredRound.Percentile(raw, 0.5), baselineName, "lower"),
            new($"{name}.p95", MeasuredRound.Percentile(own, 0.95), "ms", MeasuredRound.Percentile(raw, 0.95), baselineName, "lower"),
            new($"{name}.p99", MeasuredRound.Percentile(own, 0.99), "ms", MeasuredRound.Percentile(raw, 0.99), baselineName, "lower"),
        ];
    }

    /// <summary>What the platform itself takes to say that nothing changed, by <c>Server-Timing</c>.</summary>
    private static async Task<Measurement> UnchangedAsync(AppHost host)
    {
        const string Path = "/api/v1/marts/daily_delays/rows?orderby=flights desc";
        var tag = (await host.Client.GetAsync(Path)).Headers.ETag!;
        List<double> times = [];
        for (var i = 0; i < 2_000; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Path);
            request.Headers.IfNoneMatch.Add(tag);
            using var answer = await host.Client.SendAsync(request);
            if (answer.StatusCode != System.Net.HttpStatusCode.NotModified)
                throw new InvalidOperationException($"The answer is {(int)answer.StatusCode} instead of 304.");
            var timing = answer.Headers.GetValues("Server-Timing").Single();
            times.Add(double.Parse(timing[(timing.IndexOf("dur=", StringComparison.Ordinal) + 4)..], CultureInfo.InvariantCulture));
        }

        times.Sort();
        return new Measurement("mart-query.304", times[times.Count / 2], "ms", 1, "the goal", "lower") { Note = $"p99 {times[times.Count * 99 / 100]:0.000} ms" };
    }

    private static string Day(int seed, int after = 0) => new DateOnly(2001, 1, 1).AddDays((seed * 37 % 170) + after).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Origin(int seed) => Origins[seed % Origins.Length];

    /// <param name="Make">From a number to the options of the request and the SQL of the baseline.</param>
    private sealed record RowQuery(string Name, string Route, string Table, Func<int, (string Options, string Sql)> Make)
    {
        public string Path(string options) => $"/api/v1/{Route}/rows?{options}";
    }
}
