using System.Text;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.CloudEvents;
using DataPlatform.Ingestion.Realtime;
using DataPlatform.Operations;
using DataPlatform.Sql.Maintenance;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

/// <summary>Fields that get a wider type once there is data: first the column is widened, then the contract is put.</summary>
public sealed class WidenedDatasetTests
{
    [Theory]
    [InlineData("int32", "int64", "-2147483648", "9223372036854775807", "-2147483648|9223372036854775807")]
    [InlineData("int32", "float64", "2147483647", "0.5", "0.5|2147483647.0")]
    [InlineData("int32", "decimal(12,2)", "-2147483648", "0.25", "-2147483648.00|0.25")]
    [InlineData("int64", "decimal(19,0)", "9223372036854775807", "-9999999999999999999", "-9999999999999999999|9223372036854775807")]
    [InlineData("int64", "decimal(38,10)", "-9223372036854775808", "0.0000000001", "-9223372036854775808.0000000000|0.0000000001")]
    [InlineData("decimal(5,2)", "decimal(7,2)", "-999.99", "99999.99", "-999.99|99999.99")]
    [InlineData("decimal(18,2)", "decimal(20,4)", "9999999999999999.99", "0.0001", "0.0001|9999999999999999.9900")]
    public async Task Rows_of_before_and_after_stand_in_one_column(string before, string after, string old, string added, string expected)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract(before));
        await bed.PostAsync("things", $"id,n\n1,{old}\n2,\n");
        await AssertRefusedAsync(bed, after);
        await WidenAsync(bed, after);
        await bed.Services.GetRequiredService<ContractCheck>().CheckAsync(Parse(Contract(after)), default);
        await bed.DefineAsync("things", Contract(after));
        await bed.PostAsync("things", $"id,n\n3,{added}\n");
        await RecordAsync(bed, $$"""{"id": 4, "n": {{added}}}""");

        Assert.Equal(expected.Split('|'), await bed.QueryAsync("things", "SELECT DISTINCT CAST(n AS VARCHAR) FROM t WHERE n IS NOT NULL ORDER BY n"));
        Assert.Equal(["4|3"], await bed.QueryAsync("things", "SELECT count(*), count(n) FROM t"));
        Assert.Equal(["2"], await RowsAtAsync(bed, 0));
        await bed.AssertBalancedAsync("things");
        Assert.True((await bed.ProveAsync("things", isDeep: true)).Proven);
    }

    [Theory]
    [InlineData("int64", "int32")]
    [InlineData("float64", "decimal(38,10)")]
    [InlineData("int64", "float64")]
    [InlineData("date", "timestamp")]
    [InlineData("int32", "decimal(10,2)")]
    [InlineData("int32", "string")]
    public async Task What_does_not_hold_all_values_is_refused(string before, string after)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract(before));
        await bed.PostAsync("things", "id,n\n1,\n");

        Assert.Equal("NotWider", (await Assert.ThrowsAsync<TerminalException>(() => WidenAsync(bed, after))).Code);
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Services.GetRequiredService<ContractCheck>().CheckAsync(Parse(Contract(after)), default));
        Assert.Contains("take another name", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"partitionBy\": [\"kind\"],")]
    [InlineData("\"key\": [\"id\"], \"dedupe\": {\"window\": \"P7D\"},")]
    [InlineData("\"writeDisposition\": \"merge\", \"key\": [\"id\"], \"partitionBy\": [\"kind\"],")]
    public async Task Until_the_contract_is_put_rows_of_the_old_type_come_on(string rules)
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 50, FileBytes = 4000 });
        await bed.DefineAsync("things", Contract("int32", rules));
        await bed.PostAsync("things", Csv(0, 100));
        await WidenAsync(bed, "int64");
        var receipt = await bed.PostAsync("things", Csv(50, 200) + "7000,3000000000,a\n");
        Assert.Equal(1, receipt.Quarantined);
        await RecordAsync(bed, """{"id": 5000, "n": 1}""");
        await RecordAsync(bed, """{"id": 5000, "n": 2}""");
        var single = await bed.PostAsync("things", Encoding.UTF8.GetBytes("""{"specversion":"1.0","id":"a","source":"/s","type":"t","data":{"id":6000,"n":3}}"""), CloudEventIngestionTests.Single);
        Assert.Equal(1, single.Loaded);
        await bed.DefineAsync("things", Contract("int64", rules));
        await bed.PostAsync("things", "id,n,kind\n7000,3000000000,a\n");

        var snapshot = await bed.SnapshotAsync("things");
        Assert.Equal("long", snapshot.Columns.First(column => column.Name == "n").Type);
        var keyed = rules.Contains("key", StringComparison.Ordinal);
        Assert.Equal([keyed ? "203" : "254"], await bed.QueryAsync("things", "SELECT count(*) FROM t WHERE n IS NOT NULL"));
        Assert.Equal(["3000000000"], await bed.QueryAsync("things", "SELECT max(n) FROM t"));
        await bed.AssertBalancedAsync("things");
        Assert.True((await bed.ProveAsync("things", isDeep: true)).Proven);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"key\": [\"id\"], \"dedupe\": {\"window\": \"P7D\"},")]
    [InlineData("\"writeDisposition\": \"merge\", \"key\": [\"id\"],")]
    public async Task A_batch_that_was_being_read_takes_the_wider_type(string rules)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract("int32", rules));
        await bed.PostAsync("things", "id,n\n1,1\n");
        var body = Encoding.UTF8.GetBytes(Csv(1, 101));
        var slow = new GatedStream(body, body.Length / 2);
        var late = bed.PostAsync("things", slow);
        await slow.Reached;
        await WidenAsync(bed, "int64");
        slow.Open();

        Assert.Equal(100, (await late).Received);
        Assert.Equal([rules.Length == 0 ? "101" : "100"], await bed.QueryAsync("things", "SELECT count(n) FROM t"));
        Assert.Equal("long", (await bed.SnapshotAsync("things")).Columns.First(column => column.Name == "n").Type);
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Events_that_were_loaded_before_are_known_after()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", Contract("int32"));
        var body = Encoding.UTF8.GetBytes("""{"specversion":"1.0","id":"a","source":"/s","type":"t","data":{"id":1,"n":3}}""");
        await bed.PostAsync("things", body, CloudEventIngestionTests.Single);
        await WidenAsync(bed, "int64");
        await bed.DefineAsync("things", Contract("int64"));

        Assert.Equal(1, (await bed.PostAsync("things", body, CloudEventIngestionTests.Single)).Duplicate);
        Assert.Equal(["1"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
    }

    private static string Contract(string type, string rules = "") =>
        $$"""{ {{rules}} "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "n", "type": "{{type}}"}, {"name": "kind", "type": "string"} ] }""";

    private static Catalog.DatasetDefinition Parse(string contract) => Catalog.DefinitionParser.Parse<Catalog.DatasetDefinition>(Encoding.UTF8.GetBytes(contract), "things");

    private static string Csv(int from, int rows) => "id,n,kind\n" + string.Concat(Enumerable.Range(from, rows - from).Select(id => $"{id},{id},k{id % 12}\n"));

    private static async Task AssertRefusedAsync(BatchBed bed, string type)
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Services.GetRequiredService<ContractCheck>().CheckAsync(Parse(Contract(type)), default));
        Assert.Equal(("SchemaMismatch", "$.fields[1].type"), (failure.Code, failure.Target));
        Assert.Contains($"{{\"operation\": \"widen\", \"columns\": {{\"n\": \"{type}\"}}}}", failure.Message, StringComparison.Ordinal);
    }

    private static Task<WideningResult> WidenAsync(BatchBed bed, string type)
    {
        Assert.Null(Catalog.FieldTypeName.Parse(type, out var parsed, out var precision, out var scale));
        return bed.Services.GetRequiredService<ColumnWidening>().RunAsync(
            new TableName(TableKind.Dataset, "things"), new Dictionary<string, string> { ["n"] = Catalog.FieldTypeName.InTables(parsed, precision, scale) }, "op", -1, dryRun: false, default);
    }

    private static Task<Receipt> RecordAsync(BatchBed bed, string body) => bed.Services.GetRequiredService<RecordService>().IngestAsync(
        new BatchRequest("things", "tester", null, "application/json", null, new MemoryStream(Encoding.UTF8.GetBytes(body))), default);

    private static async Task<IReadOnlyList<string>> RowsAtAsync(BatchBed bed, long version)
    {
        await using var session = await bed.Services.GetRequiredService<DataPlatform.Sql.SqlEngine>().OpenAsync(default);
        await session.MountAsync("t", (await bed.Table("things").TryGetSnapshotAsync(version, default))!, null, default);
        return await session.ReadAsync("SELECT count(*) FROM t", [], reader => $"{reader.GetInt64(0)}", default);
    }
}
