using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DataPlatform.TestKit;
using Npgsql;
using NpgsqlTypes;

namespace DataPlatform.Bench;

/// <summary>The same table on both sides: four typed columns and the same rules for their values; rows come with numbers that count on.</summary>
internal sealed class ReadingsTable(AppHost host, PostgresServer postgres)
{
    private const string Contract = """
        { "name": "readings", "fields": [
            { "name": "id", "type": "int64", "required": true },
            { "name": "sensor", "type": "string", "required": true, "maxLength": 32 },
            { "name": "value", "type": "float64", "min": -1000, "max": 1000 },
            { "name": "at", "type": "timestamp", "required": true } ] }
        """;

    private const string Table = """
        CREATE TABLE readings (
            id bigint NOT NULL,
            sensor text NOT NULL CHECK (length(sensor) <= 32),
            value double precision CHECK (value BETWEEN -1000 AND 1000),
            at timestamptz NOT NULL)
        """;

    private const string Insert = "INSERT INTO readings (id, sensor, value, at) VALUES ($1, $2, $3, $4)";
    private static readonly DateTime First = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private long _next;
    private long _posted;
    private long _inserted;

    public async Task CreateAsync()
    {
        using var contract = new StringContent(Contract, Encoding.UTF8, "application/json");
        using var answer = await host.Client.PutAsync("/api/v1/datasets/readings", contract);
        answer.EnsureSuccessStatusCode();
        await postgres.ExecuteAsync(Table);
    }

    /// <summary>One row a request, to the real-time service.</summary>
    public async Task PostRowAsync()
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(JsonOf(Interlocked.Increment(ref _next))));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        await PostAsync("records", body, 1);
    }

    /// <summary>Many rows a request, to the batch service.</summary>
    /// <param name="rows">NDJSON.</param>
    public async Task PostRowsAsync(byte[] rows, int count)
    {
        using var body = new ByteArrayContent(rows);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        await PostAsync("batches", body, count);
    }

    /// <returns>Inserts a row, with a connection and a prepared statement of its own.</returns>
    public async Task<Func<Task>> InserterAsync()
    {
        var connection = await postgres.Source.OpenConnectionAsync();
        var id = new NpgsqlParameter<long> { NpgsqlDbType = NpgsqlDbType.Bigint };
        var sensor = new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text };
        var value = new NpgsqlParameter<double> { NpgsqlDbType = NpgsqlDbType.Double };
        var at = new NpgsqlParameter<DateTime> { NpgsqlDbType = NpgsqlDbType.TimestampTz };
        var command = new NpgsqlCommand(Insert, connection) { Parameters = { id, sensor, value, at } };
        await command.PrepareAsync();
        return async () =>
        {
            var number = Interlocked.Increment(ref _next);
            (id.TypedValue, sensor.TypedValue, value.TypedValue, at.TypedValue) = (number, SensorOf(number), ValueOf(number), TimeOf(number));
            if (await command.ExecuteNonQueryAsync() != 1)
                throw new InvalidOperationException("PostgreSQL did not insert the row.");
            Interlocked.Increment(ref _inserted);
        };
    }

    /// <param name="rows">CSV.</param>
    public async Task CopyAsync(NpgsqlConnection connection, string rows, int count)
    {
        await using (var copy = await connection.BeginTextImportAsync("COPY readings FROM STDIN (FORMAT csv)"))
            await copy.WriteAsync(rows);
        Interlocked.Add(ref _inserted, count);
    }

    public Task<NpgsqlConnection> ConnectAsync() => postgres.Source.OpenConnectionAsync().AsTask();

    /// <summary>Makes sure that every row that was answered for is there.</summary>
    public async Task CheckAsync()
    {
        var inserted = await postgres.ScalarAsync<long>("SELECT count(*) FROM readings");
        if (inserted != _inserted)
            throw new InvalidOperationException($"PostgreSQL has {inserted} rows instead of {_inserted}.");

        for (var tries = 1; ; tries++)
        {
            using var ledger = JsonDocument.Parse(await host.Client.GetStringAsync("/api/v1/ledger/readings"));
            var loaded = ledger.RootElement.GetProperty("totals").GetProperty("loaded").GetInt64();
            if (loaded == _posted)
                return;
            if (tries == 100)
                throw new InvalidOperationException($"The ledger has {loaded} rows instead of {_posted}.");
            await Task.Delay(100);
        }
    }

    public static string JsonOf(long number) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"id":{{number}},"sensor":"{{SensorOf(number)}}","value":{{ValueOf(number)}},"at":"{{TimeOf(number):yyyy-MM-ddTHH:mm:ss.fffZ}}"}""");

    public static string CsvOf(long number) => string.Create(
        CultureInfo.InvariantCulture, $"{number},{SensorOf(number)},{ValueOf(number)},{TimeOf(number):yyyy-MM-ddTHH:mm:ss.fffZ}");

    private static string SensorOf(long number) => $"sensor-{number % 1000:D4}";

    private static double ValueOf(long number) => (number % 4001 * 0.25) - 500;

    private static DateTime TimeOf(long number) => First.AddMilliseconds(number);

    private async Task PostAsync(string service, HttpContent body, int rows)
    {
        using var answer = await host.Client.PostAsync($"/api/v1/ingest/readings/{service}", body);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"'/{service}' answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        Interlocked.Add(ref _posted, rows);
    }
}
