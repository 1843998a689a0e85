using System.Text.Json.Nodes;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Our tables, read by software that knows nothing of us.</summary>
public sealed class IndependentReaderTests
{
    [Fact]
    public async Task Hyparquet_reads_fact_flights_through_its_delta_log()
    {
        const int rows = 5000;
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");
        await api.PutSampleAsync("datasets", "airports");
        await api.PutSampleAsync("pipelines", "flights-enriched");
        await using var airports = File.OpenRead(Samples.AirportsCsv);
        await api.IngestAsync("airports", airports, "text/csv");
        for (var batch = 0; batch < 2; batch++)
        {
            await api.IngestAsync("flights", Samples.FlightsCsv(rows));
            await api.RunAsync("/api/v1/pipelines/flights-enriched/runs");
        }

        var table = await DeltaJudge.ReadAsync(folder.Table("warehouse/fact_flights"), "delay");
        Assert.Equal(2 * rows, table.GetProperty("rows").GetInt64());
        Assert.Equal(2 * Enumerable.Range(0, rows).Sum(i => i % 100), table.GetProperty("sum").GetInt64());
        Assert.Contains(table.GetProperty("columns").EnumerateArray(), column => column.GetString() == "state");
    }

    [Fact]
    public async Task Hyparquet_reads_a_dataset_that_its_contract_divides()
    {
        const int rows = 5000;
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        var contract = JsonNode.Parse(await Samples.DocumentAsync("datasets", "flights"))!.AsObject();
        contract["partitionBy"] = new JsonArray("origin", "date");
        await api.PutAsync("datasets", "flights", contract.ToJsonString());
        await api.IngestAsync("flights", Samples.FlightsCsv(rows));
        await api.IngestAsync("flights", Samples.FlightsCsv(3));
        using var record = await api.Client.PostAsync(
            "/api/v1/ingest/flights/records",
            new StringContent("""{"date": "2001-01-01T10:00:00Z", "delay": 7, "distance": 1, "origin": "AAA", "destination": "JFK"}""", System.Text.Encoding.UTF8, "application/json"));
        await PlatformApi.ReadAsync(record);

        var table = await DeltaJudge.ReadAsync(folder.Table("lake/tables/flights"), "delay");
        Assert.Equal(rows + 4, table.GetProperty("rows").GetInt64());
        Assert.Equal(Enumerable.Range(0, rows).Sum(i => i % 100) + 3 + 7, table.GetProperty("sum").GetInt64());
        Assert.Equal(["origin", "date"], table.GetProperty("partitionColumns").EnumerateArray().Select(column => column.GetString()!));
        Assert.DoesNotContain(table.GetProperty("held").EnumerateArray(), column => column.GetString() is "origin" or "date");
        var partitions = table.GetProperty("partitions").EnumerateArray()
            .Select(values => $"{values.GetProperty("origin").GetString()} {values.GetProperty("date").GetString()}").ToList();
        Assert.Equal(
            Enumerable.Range(0, rows).Select(i => $"A{(char)('A' + (i % 26))}{(char)('A' + (i % 26))} 2001-01-{1 + (i % 28):00}T10:00:00Z").Distinct().Order(StringComparer.Ordinal),
            partitions.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(rows + 4, await api.CountAsync("datasets/flights"));
    }

    [Fact]
    public async Task Hyparquet_reads_a_table_that_got_columns_and_wider_types_and_lost_rows()
    {
        const string operations = "/api/v1/warehouse/tables/things/operations";
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await PutAsync("int32", "");
        await api.IngestAsync("things", Rows(0, 300, "v", i => $"{i}"));
        await PutAsync("int32", """, {"name": "note", "type": "string"}""");
        await api.IngestAsync("things", Rows(300, 300, "v,note", i => $"{i},n{i}"));
        await OperateAsync("""{"operation": "delete", "condition": "id % 10 = 3"}""");
        await OperateAsync("""{"operation": "widen", "columns": {"v": "int64", "part": "int64"}}""");
        await PutAsync("int64", """, {"name": "note", "type": "string"}, {"name": "late", "type": "date"}""");
        await api.IngestAsync("things", Rows(600, 50, "v,late", i => $"{3_000_000_000 + i},2024-01-01"));
        await OperateAsync("""{"operation": "delete", "condition": "part = 11"}""");
        await OperateAsync("""{"operation": "optimize"}""");

        var left = Enumerable.Range(0, 650).Where(i => i % 12 != 11 && !(i < 600 && i % 10 == 3)).ToList();
        var table = await DeltaJudge.ReadAsync(folder.Table("lake/tables/things"), "v");
        Assert.Equal(left.Count, table.GetProperty("rows").GetInt64());
        Assert.Equal(left.Sum(i => i < 600 ? i : 3_000_000_000L + i), table.GetProperty("sum").GetInt64());
        Assert.Equal(
            Enumerable.Range(0, 11).Select(part => $"{part}").Order(StringComparer.Ordinal),
            table.GetProperty("partitions").EnumerateArray().Select(values => values.GetProperty("part").GetString()!).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(left.Count, await api.CountAsync("datasets/things"));

        Task PutAsync(string type, string more) => api.PutAsync("datasets", "things", $$"""
            { "partitionBy": ["part"], "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "part", "type": "{{type}}"}, {"name": "v", "type": "{{type}}"}{{more}} ] }
            """);

        string Rows(int from, int count, string columns, Func<int, string> values) =>
            $"id,part,{columns}\n" + string.Concat(Enumerable.Range(from, count).Select(i => $"{i},{i % 12},{values(i)}\n"));

        async Task OperateAsync(string operation)
        {
            using var answer = await api.Client.PostAsync(operations, new StringContent(operation, System.Text.Encoding.UTF8, "application/json"));
            await PlatformApi.ReadAsync(answer);
            await api.WaitForRunAsync(new Uri(answer.Headers.GetValues("Operation-Location").Single()).PathAndQuery);
        }
    }

    [Fact]
    public async Task Hyparquet_reads_a_divided_table_whose_values_stand_in_its_log()
    {
        const int rows = 5000;
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await api.PutSampleAsync("datasets", "flights");
        await api.PutAsync("pipelines", "divided", """
            {"steps": [{"name": "s", "target": "divided", "mode": "append", "partitionBy": ["kind", "odd"],
              "sql": "SELECT delay, origin, CASE delay % 3 WHEN 0 THEN 'a/b = 100% é' WHEN 1 THEN NULL ELSE 'it''s' END AS kind, delay % 2 = 1 AS odd FROM new.flights"}]}
            """);
        await api.IngestAsync("flights", Samples.FlightsCsv(rows));
        await api.RunAsync("/api/v1/pipelines/divided/runs");

        var table = await DeltaJudge.ReadAsync(folder.Table("warehouse/divided"), "delay");
        Assert.Equal(rows, table.GetProperty("rows").GetInt64());
        Assert.Equal(Enumerable.Range(0, rows).Sum(i => i % 100), table.GetProperty("sum").GetInt64());
        Assert.Equal(["kind", "odd"], table.GetProperty("partitionColumns").EnumerateArray().Select(column => column.GetString()!));
        var held = table.GetProperty("held").EnumerateArray().Select(column => column.GetString()!).ToList();
        Assert.Contains("delay", held);
        Assert.DoesNotContain("kind", held);
        Assert.DoesNotContain("odd", held);
        Assert.Equal(
            ["NULL false", "NULL true", "a/b = 100% é false", "a/b = 100% é true", "it's false", "it's true"],
            table.GetProperty("partitions").EnumerateArray()
                .Select(values => $"{values.GetProperty("kind").GetString() ?? "NULL"} {values.GetProperty("odd").GetString()}").Order(StringComparer.Ordinal));
    }
}
