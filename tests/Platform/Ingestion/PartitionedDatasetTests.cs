using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.CloudEvents;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Ingestion.Realtime;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

/// <summary>Datasets whose tables' files are divided by fields.</summary>
public sealed class PartitionedDatasetTests
{
    private const string Fields = """
        "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "day", "type": "date"}, {"name": "kind", "type": "string"}, {"name": "v", "type": "float64"} ]
        """;

    // Rows of a block before it is handed over, and bytes of a file: small, so that batches have several of both.
    private static readonly IngestionLimits Small = IngestionLimits.Default with { BlockRows = 50, FileBytes = 4000 };

    private static readonly string[] Values =
    [
        "true|0|-2147483648|-9223372036854775808|-0.01|-12345678901234567890.123|0001-01-01|0001-01-01T00:00:00Z|a/b = 100% é|0c0e6e3e-5b0a-4c9e-8f1e-0d6d3f6c1a2b|23:59:59.5",
        "false|7|2147483647|9223372036854775807|0.00|0.001|2024-02-29|2024-02-29T23:59:59.9Z|it's \\\"x\\\"|0C0E6E3E-5B0A-4C9E-8F1E-0D6D3F6C1A2C|00:00:00.000001",
        "true|1|0|0|12345.60|0|1969-12-31|1969-12-31T23:59:59.000001Z| .|0c0e6e3e-5b0a-4c9e-8f1e-0d6d3f6c1a2d|12:00",
        "false|2|-1|-1|-99999.99|-0.5|9999-12-31|9999-12-31T23:59:59.999999Z|naïve ☂ 𝄞|0c0e6e3e-5b0a-4c9e-8f1e-0d6d3f6c1a2e|00:00",
    ];

    [Theory]
    [InlineData("b", "bool", 0)]
    [InlineData("i", "int32", 2)]
    [InlineData("l", "int64", 3)]
    [InlineData("n", "decimal(7,2)", 4)]
    [InlineData("w", "decimal(30,3)", 5)]
    [InlineData("d", "date", 6)]
    [InlineData("t", "timestamp", 7)]
    [InlineData("s", "string", 8)]
    [InlineData("u", "uuid", 9)]
    [InlineData("c", "time", 10)]
    public async Task Values_have_the_texts_that_queries_give_them(string name, string type, int place)
    {
        await using var bed = new BatchBed();
        var contract = $$"""{ "partitionBy": ["{{name}}", "k"], "fields": [ {"name": "{{name}}", "type": "{{type}}"}, {"name": "k", "type": "int32"}, {"name": "x", "type": "int32"} ] }""";
        await bed.DefineAsync("few", contract);
        await bed.DefineAsync("many", contract);
        var values = Values.Select(value => value.Split('|')[place]).Select(value => type is "bool" or "int32" or "int64" ? value : $"\"{value}\"").Append("null").ToList();
        foreach (var value in values)
            await bed.PostAsync("few", Bytes($$"""{"{{name}}": {{value}}, "k": 0, "x": 1}{{"\n"}}"""), "application/x-ndjson");

        // So many partitions that a query divides them.
        await bed.PostAsync("many", Bytes(string.Concat(values.SelectMany(value => Enumerable.Range(0, 9).Select(k => $$"""{"{{name}}": {{value}}, "k": {{k}}, "x": 1}{{"\n"}}""")))), "application/x-ndjson");

        var few = await PartitionsAsync(bed, "few", name);
        Assert.Equal(few, await PartitionsAsync(bed, "many", name));
        Assert.Contains(null, few);
        Assert.Equal(
            await bed.QueryAsync("few", $"SELECT CAST({name} AS VARCHAR) FROM t WHERE k = 0 ORDER BY 1"), await bed.QueryAsync("many", $"SELECT CAST({name} AS VARCHAR) FROM t WHERE k = 0 ORDER BY 1"));
        Assert.Equal(values.Count, (await bed.SnapshotAsync("few")).Files.Count);
        await bed.AssertBalancedAsync("many");
    }

    [Theory]
    [InlineData("\"writeDisposition\": \"append\"")]
    [InlineData("\"writeDisposition\": \"append\", \"key\": [\"id\"], \"unique\": true")]
    [InlineData("\"writeDisposition\": \"append\", \"key\": [\"id\"], \"dedupe\": {\"window\": \"P7D\"}")]
    [InlineData("\"writeDisposition\": \"append\", \"key\": [\"id\", \"day\"], \"dedupe\": {\"window\": \"P7D\"}")]
    [InlineData("\"writeDisposition\": \"merge\", \"key\": [\"id\"]")]
    [InlineData("\"writeDisposition\": \"merge\", \"key\": [\"day\", \"id\"]")]
    [InlineData("\"writeDisposition\": \"replace\"")]
    public async Task Whatever_way_rows_come_and_whatever_they_do_a_divided_table_has_the_rows_of_an_undivided_one(string rules)
    {
        await using var bed = new BatchBed(Small);
        var fields = rules.Contains("\"day\"", StringComparison.Ordinal) ? Fields.Replace("\"type\": \"date\"", "\"type\": \"date\", \"required\": true", StringComparison.Ordinal) : Fields;
        await bed.DefineAsync("flat", $$"""{ {{rules}}, {{fields}} }""");
        await bed.DefineAsync("divided", $$"""{ {{rules}}, "partitionBy": ["day", "kind"], {{fields}} }""");
        var random = new Random(5);
        foreach (var dataset in new[] { "flat", "divided" })
        {
            random = new Random(5);
            await bed.PostAsync(dataset, Csv(random, 400, days: 3));
            await bed.PostAsync(dataset, Csv(random, 400, days: 40) + "x,,,\n");
            foreach (var row in Csv(random, 10, days: 5).Split('\n')[1..^1].Select(row => row.Split(',')))
                await RecordAsync(bed, dataset, $$"""[{"id": {{row[0]}}, "day": "{{row[1]}}", "kind": "{{row[2]}}", "v": 1}, {"id": {{row[0]}}0, "day": "{{row[1]}}", "v": 2}, {"id": "broken"}]""");
            await bed.PostAsync(dataset, Csv(random, 100, days: 2));
        }

        const string sql = "SELECT id, day, kind, v FROM t ORDER BY ALL";
        var rows = await bed.QueryAsync("divided", sql);
        Assert.NotEmpty(rows);
        Assert.Equal(await bed.QueryAsync("flat", sql), rows);
        var snapshot = await bed.SnapshotAsync("divided");
        Assert.Equal(["day", "kind"], snapshot.PartitionColumns);
        Assert.All(snapshot.Files, file => Assert.Equal(["day", "kind"], file.PartitionValues.Keys.Order(StringComparer.Ordinal)));
        await AssertSameLedgerAsync(bed);
        await AssertNothingUndividedAsync(bed, "divided");
    }

    [Fact]
    public async Task Rows_of_few_partitions_are_written_once_and_go_into_few_files()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 100 });
        await bed.DefineAsync("things", $$"""{ "partitionBy": ["kind"], {{Fields}} }""");
        await bed.PostAsync("things", Csv(new Random(1), 2000, days: 30, kinds: 3));

        // Each encoder has its own.
        Assert.InRange((await bed.SnapshotAsync("things")).Files.Count, 3, 6);
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Events_of_divided_tables_count_once()
    {
        await using var bed = new BatchBed(Small);
        await bed.DefineAsync("things", $$"""{ "partitionBy": ["kind"], {{Fields}} }""");
        var events = Encoding.UTF8.GetBytes(string.Concat("[", string.Join(',', Enumerable.Range(0, 200).Select(i =>
            $$"""{"specversion":"1.0","id":"{{i}}","source":"/s","type":"t","data":{"id":{{i}},"kind":"k{{i % 20}}","v":1} }""")), "]"));
        await bed.PostAsync("things", events, CloudEventIngestionTests.Several);
        var again = await bed.PostAsync("things", events, CloudEventIngestionTests.Several);

        Assert.Equal((200, 0, 200), (again.Received, again.Loaded, again.Duplicate));
        Assert.Equal(["200|20"], await bed.QueryAsync("things", "SELECT count(*), count(DISTINCT kind) FROM t"));
        Assert.Equal(20, (await bed.SnapshotAsync("things")).Files.Select(file => file.PartitionValues["kind"]).Distinct().Count());
        await bed.AssertBalancedAsync("things");
        await AssertNothingUndividedAsync(bed, "things");
    }

    [Fact]
    public async Task Batches_at_the_same_time_lose_and_double_nothing()
    {
        await using var bed = new BatchBed(Small);
        await bed.DefineAsync("things", $$"""{ "key": ["id"], "dedupe": {"window": "P7D"}, "partitionBy": ["day"], {{Fields}} }""");
        var receipts = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => bed.PostAsync("things", Csv(new Random(i % 3), 300, days: 20 - i)))));

        var expected = receipts.Sum(receipt => receipt.Loaded);
        Assert.Equal([$"{expected}|{expected}"], await bed.QueryAsync("things", "SELECT count(*), count(DISTINCT id) FROM t"));
        Assert.All(receipts, receipt => Assert.Equal(receipt.Received, receipt.Loaded + receipt.Duplicate));
        await bed.AssertBalancedAsync("things");
        await AssertNothingUndividedAsync(bed, "things");
    }

    [Fact]
    public async Task A_text_that_is_read_as_null_breaks_its_row()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", $$"""{ "partitionBy": ["kind"], {{Fields}} }""");
        var receipt = await bed.PostAsync("things", Bytes("""{"id":1,"kind":""}{"id":2,"kind":"__HIVE_DEFAULT_PARTITION__"}{"id":3,"kind":"a\u0000b"}{"id":4,"kind":"a"}{"id":5}""".Replace("}{", "}\n{", StringComparison.Ordinal)), "application/x-ndjson");

        Assert.Equal((5, 2, 3), (receipt.Received, receipt.Loaded, receipt.Quarantined));
        var broken = await bed.QuarantineAsync(receipt);
        Assert.All(broken, row => Assert.Equal("partition", (string)row["errors"]![0]!["rule"]!));
        Assert.Contains("divided by this field", (string)broken[0]["errors"]![0]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(["4|a", "5|NULL"], await bed.QueryAsync("things", "SELECT id, kind FROM t ORDER BY id"));
    }

    [Fact]
    public async Task Rows_out_of_quarantine_go_to_their_partitions()
    {
        await using var bed = new BatchBed(Small);
        await bed.DefineAsync(ReplayBed.Dataset, $$"""{ "partitionBy": ["kind"], {{Fields.Replace("\"type\": \"float64\"", "\"type\": \"float64\", \"max\": 1", StringComparison.Ordinal)}} }""");
        await bed.PostAsync(ReplayBed.Dataset, "id,kind,v\n" + string.Concat(Enumerable.Range(0, 120).Select(i => $"{i},k{i % 12},{i % 3}\n")));
        await bed.DefineAsync(ReplayBed.Dataset, $$"""{ "partitionBy": ["kind"], {{Fields}} }""");
        var report = await bed.ReplayAsync();

        Assert.Equal(40, report.Result.Recovered);
        Assert.Equal(["120|12"], await bed.QueryAsync(ReplayBed.Dataset, "SELECT count(*), count(DISTINCT kind) FROM t"));
        Assert.All((await bed.SnapshotAsync(ReplayBed.Dataset)).Files, file => Assert.Contains("kind", file.PartitionValues));
        await bed.AssertBalancedAsync(ReplayBed.Dataset);
    }

    [Fact]
    public async Task What_makes_more_partitions_than_one_write_may_is_refused_whole()
    {
        await using var bed = new BatchBed(configure: options => options.PartitionsPerWrite = 10);
        await bed.DefineAsync("things", $$"""{ "partitionBy": ["id"], {{Fields}} }""");
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", Csv(new Random(1), 11, days: 1)));
        Assert.Equal("TooManyPartitions", failure.Code);
        failure = await Assert.ThrowsAsync<TerminalException>(() => RecordAsync(bed, "things", $"[{string.Join(',', Enumerable.Range(0, 11).Select(id => $"{{\"id\":{id}}}"))}]"));
        Assert.Equal("TooManyPartitions", failure.Code);
        Assert.Null(await bed.SnapshotOrNullAsync("things"));

        Assert.Equal(10, (await bed.PostAsync("things", Csv(new Random(1), 10, days: 1))).Loaded);
        Assert.Equal(10, (await RecordAsync(bed, "things", $"[{string.Join(',', Enumerable.Range(0, 10).Select(id => $"{{\"id\":{id}}}"))}]")).Loaded);
    }

    [Theory]
    [InlineData("", "kind")]
    [InlineData("kind", "")]
    [InlineData("kind", "day")]
    public async Task A_batch_keeps_to_the_table_that_was_made_while_it_was_read(string before, string after)
    {
        await using var bed = new BatchBed(Small);
        await bed.DefineAsync("things", Contract(before));
        var body = Bytes(Csv(new Random(1), 500, days: 15, kinds: 12));
        var slow = new GatedStream(body, body.Length / 2);
        var late = bed.PostAsync("things", slow);
        await slow.Reached;
        await bed.DefineAsync("things", Contract(after));
        await RecordAsync(bed, "things", """{"id": 1, "day": "2024-01-01", "kind": "k"}""");
        slow.Open();

        Assert.Equal(500, (await late).Loaded);
        var snapshot = await bed.SnapshotAsync("things");
        Assert.Equal(after, string.Join(',', snapshot.PartitionColumns));
        Assert.All(snapshot.Files, file => Assert.Equal(snapshot.PartitionColumns, file.PartitionValues.Keys));
        Assert.Equal(["501"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        await bed.AssertBalancedAsync("things");

        static string Contract(string by) => $$"""{ "partitionBy": [{{(by.Length == 0 ? "" : $"\"{by}\"")}}], {{Fields}} }""";
    }

    [Fact]
    public async Task Another_division_is_refused_once_there_is_a_table()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", $$"""{ "partitionBy": ["kind"], {{Fields}} }""");
        var check = bed.Services.GetRequiredService<ContractCheck>();
        await check.CheckAsync(Parse($$"""{ "partitionBy": ["day"], {{Fields}} }"""), default);
        await bed.PostAsync("things", "id,kind\n1,a\n");

        await check.CheckAsync(Parse($$"""{ "partitionBy": ["kind"], {{Fields}} }"""), default);
        foreach (var other in new[] { "", "\"day\"", "\"kind\", \"day\"" })
        {
            var failure = await Assert.ThrowsAsync<TerminalException>(() => check.CheckAsync(Parse($$"""{ "partitionBy": [{{other}}], {{Fields}} }"""), default));
            Assert.Equal((FailureKind.Conflict, "SchemaMismatch", "$.partitionBy"), (failure.Kind, failure.Code, failure.Target));
            Assert.Contains("write \"partitionBy\": [\"kind\"], make a new dataset", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_replacement_brings_its_own_division()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", $$"""{ "writeDisposition": "replace", "partitionBy": ["kind"], {{Fields}} }""");
        await bed.PostAsync("things", "id,kind\n1,a\n2,b\n");
        var next = Parse($$"""{ "writeDisposition": "replace", "partitionBy": ["day"], {{Fields}} }""");
        await bed.Services.GetRequiredService<ContractCheck>().CheckAsync(next, default);
        await bed.DefineAsync("things", $$"""{ "writeDisposition": "replace", "partitionBy": ["day"], {{Fields}} }""");
        await bed.PostAsync("things", "id\nx\n");
        Assert.Equal(["kind"], (await bed.SnapshotAsync("things")).PartitionColumns);
        await bed.PostAsync("things", "id,day,kind\n3,2024-01-01,a\n");

        var snapshot = await bed.SnapshotAsync("things");
        Assert.Equal(["day"], snapshot.PartitionColumns);
        Assert.Equal(["3|a"], await bed.QueryAsync("things", "SELECT id, kind FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    private static Catalog.DatasetDefinition Parse(string contract) => Catalog.DefinitionParser.Parse<Catalog.DatasetDefinition>(Bytes(contract), "things");

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Csv(Random random, int rows, int days, int kinds = 2) => string.Concat(
        Enumerable.Range(0, rows).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{(days == 1 ? i : random.Next(rows * 2))},{new DateOnly(2024, 1, 1).AddDays(random.Next(days)):yyyy-MM-dd},k{random.Next(kinds)},{i}\n")).Prepend("id,day,kind,v\n"));

    private static Task<Receipt> RecordAsync(BatchBed bed, string dataset, string body) =>
        bed.Services.GetRequiredService<RecordService>().IngestAsync(new BatchRequest(dataset, "tester", null, "application/json", null, new MemoryStream(Bytes(body))), default);

    private static async Task<IReadOnlyList<string?>> PartitionsAsync(BatchBed bed, string dataset, string column) =>
        [.. (await bed.SnapshotAsync(dataset)).Files.Select(file => file.PartitionValues[column]).Distinct().Order(StringComparer.Ordinal)];

    private static async Task AssertSameLedgerAsync(BatchBed bed)
    {
        var totals = new List<string>();
        foreach (var dataset in new[] { "flat", "divided" })
        {
            await bed.AssertBalancedAsync(dataset);
            Assert.True((await bed.ProveAsync(dataset, isDeep: true)).Proven);
            var batches = new List<CommittedBatch>();
            await foreach (var commit in bed.Table(dataset).ReadCommitsAsync(-1, null, default))
                batches.AddRange(commit.Batches);
            totals.Add(JsonSerializer.Serialize(batches.Select(batch => new { batch.Received, batch.Loaded, batch.Quarantined, batch.Duplicate })));
        }

        Assert.Equal(totals[0], totals[1]);
    }

    /// <summary>What was divided after it was written leaves nothing behind.</summary>
    private static async Task AssertNothingUndividedAsync(BatchBed bed, string dataset)
    {
        await foreach (var item in bed.Objects.ListAsync(new TableName(TableKind.Dataset, dataset).Root, null, default))
        {
            var path = item.Path.Value;
            if (path.EndsWith(".parquet", StringComparison.Ordinal) && !path.Contains("/_", StringComparison.Ordinal))
                Assert.Contains('=', path);
            if (path.EndsWith(".keys", StringComparison.Ordinal))
                Assert.Contains('=', path);
        }
    }
}
