using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Logs as other writers leave them.</summary>
public sealed class ForeignTableTests : TableTest
{
    private const string Schema =
        """{"type":"struct","fields":[{"name":"origin","type":"string","nullable":true,"metadata":{}},{"name":"part","type":"string","nullable":true,"metadata":{}}]}""";

    [Fact]
    public async Task A_partitioned_table_of_another_writer_is_read()
    {
        await WriteLogAsync(Flights, 0, $$$$"""
            {"commitInfo":{"timestamp":1700000000123,"operation":"CREATE TABLE","engineInfo":"other","custom":{"x":[1]}}}
            {{{{Protocol(1, 2)}}}}
            {{{{Metadata("[\"part\"]")}}}}
            {"add":{"path":"part=a%20b/f%2525.parquet","partitionValues":{"part":"a b"},"size":10,"modificationTime":1700000000000,"dataChange":true,"stats":"{\"numRecords\":3,\"minValues\":{\"origin\":\"A\",\"nested\":{\"x\":1}},\"maxValues\":{\"origin\":\"Z\"},\"nullCount\":{\"origin\":1,\"nested\":{\"x\":0}},\"tightBounds\":true}","tags":{"t":"u"}}}
            {"add":{"path":"part=__HIVE_DEFAULT_PARTITION__/g.parquet","partitionValues":{"part":null},"size":20,"modificationTime":1700000000000,"dataChange":true}}
            {"cdc":{"path":"_change_data/x","partitionValues":{},"size":1,"dataChange":false}}
            {"domainMetadata":{"domain":"d","configuration":"","removed":false}}
            """);
        await WriteLogAsync(Flights, 1, """{"remove":{"path":"part=a%20b/f%2525.parquet","deletionTimestamp":1700000001000,"dataChange":true}}""" + "\r\n\n");
        var table = Process().Get(Flights);

        var first = await table.TryGetSnapshotAsync(0, Token);
        var newest = await table.TryGetSnapshotAsync(null, Token);
        var commits = await table.ReadCommitsAsync(-1, null, Token).ToListAsync(Token);

        Assert.Equal(["part"], first!.PartitionColumns);
        Assert.Equal("a b", first.Files[0].PartitionValues["part"]);
        Assert.Equal("lake/tables/flights/part=a b/f%25.parquet", DataFiles.Locate(Flights, first.Files[0]).Value);
        var statistics = first.Files[0].Statistics!;
        Assert.Equal(3, statistics.Rows);
        Assert.Equal("A", statistics.Minimum["origin"].GetString());
        Assert.Equal("Z", statistics.Maximum["origin"].GetString());
        Assert.Equal(1, statistics.NullCount["origin"]);
        Assert.Null(first.Rows);
        Assert.Null(first.Files[1].PartitionValues["part"]);
        Assert.Equal(["part=__HIVE_DEFAULT_PARTITION__/g.parquet"], newest!.Files.Select(file => file.Path));
        Assert.Equal(1, (int)commits[0].Info["custom"]!["x"]![0]!);
        Assert.Equal("UNKNOWN", commits[1].Operation);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_001_000), commits[1].Timestamp);
    }

    [Fact]
    public async Task A_file_of_a_partitioned_table_needs_its_partition_values()
    {
        await WriteLogAsync(Flights, 0, Protocol(1, 2) + "\n" + Metadata("[\"part\"]"));
        var table = Process().Get(Flights);
        IReadOnlyList<TableColumn> columns = [new("origin", "string"), new("part", "string")];

        await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(Append("a.parquet") with { Columns = columns }, Token));
        var file = File("part=x/a.parquet") with { PartitionValues = new Dictionary<string, string?> { ["part"] = "x" } };
        await table.CommitAsync(Append() with { Columns = columns, Add = [file] }, Token);

        Assert.Equal("x", (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Files[0].PartitionValues["part"]);
    }

    [Theory]
    [InlineData("""{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors","timestampNtz"],"writerFeatures":["deletionVectors","timestampNtz"]}""", "reader version 3 with 'deletionVectors'")]
    [InlineData("""{"minReaderVersion":2,"minWriterVersion":5}""", "reader version 2 with 'columnMapping'")]
    [InlineData("""{"minReaderVersion":9,"minWriterVersion":9}""", "reader version 9 with 'columnMapping'")]
    public async Task A_table_that_demands_too_much_of_readers_is_refused_by_the_features_name(string protocol, string named)
    {
        await WriteLogAsync(
            Flights, 0, "{\"protocol\":" + protocol + "}" + "\n" + Metadata(configuration: """{"delta.columnMapping.mode":"name"}"""));

        var failure = await Assert.ThrowsAsync<TerminalException>(() => Process().Get(Flights).TryGetSnapshotAsync(null, Token));

        Assert.Equal("TableFeatureUnsupported", failure.Code);
        Assert.Contains(named, failure.Message);
    }

    [Theory]
    [InlineData("""{"minReaderVersion":2,"minWriterVersion":5}""")]
    [InlineData("""{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":[],"writerFeatures":["appendOnly"]}""")]
    [InlineData("""{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timestampNtz","columnMapping"],"writerFeatures":["timestampNtz","columnMapping"]}""")]
    public async Task A_table_that_could_demand_more_but_does_not_is_read(string protocol)
    {
        await WriteLogAsync(Flights, 0, "{\"protocol\":" + protocol + "}" + "\n" + Metadata());

        Assert.NotNull(await Process().Get(Flights).TryGetSnapshotAsync(null, Token));
    }

    [Fact]
    public async Task Mapping_columns_later_is_refused_from_then_on()
    {
        await WriteLogAsync(Flights, 0, Protocol(2, 5) + "\n" + Metadata());
        await WriteLogAsync(Flights, 1, Metadata(configuration: """{"delta.columnMapping.mode":"id"}"""));

        var failure = await Assert.ThrowsAsync<TerminalException>(() => Process().Get(Flights).TryGetSnapshotAsync(null, Token));

        Assert.Contains("'columnMapping'", failure.Message);
    }

    [Theory]
    [InlineData("""{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["appendOnly","rowTracking"]}""", "'rowTracking'")]
    [InlineData("""{"minReaderVersion":1,"minWriterVersion":4}""", "'checkConstraints', 'changeDataFeed', 'generatedColumns'")]
    public async Task A_table_that_demands_too_much_of_writers_is_read_but_not_written(string protocol, string named)
    {
        await WriteLogAsync(Flights, 0, "{\"protocol\":" + protocol + "}" + "\n" + Metadata());
        var table = Process().Get(Flights);

        Assert.NotNull(await table.TryGetSnapshotAsync(null, Token));
        var failure = await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(Append("a.parquet"), Token));

        Assert.Contains(named, failure.Message);
    }

    [Fact]
    public async Task A_table_that_starts_to_demand_too_much_is_refused_from_then_on()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet"), Token);
        await WriteLogAsync(Flights, 1, """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["v2Checkpoint"],"writerFeatures":["v2Checkpoint"]}}""");

        Assert.Equal("TableFeatureUnsupported", (await Assert.ThrowsAsync<TerminalException>(() => table.TryGetSnapshotAsync(null, Token))).Code);
        Assert.Equal("TableFeatureUnsupported", (await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(Append("b.parquet"), Token))).Code);
        Assert.Equal(0, (await table.TryGetSnapshotAsync(0, Token))!.Version);
    }

    [Fact]
    public async Task An_append_only_table_takes_rows_and_gives_none_up()
    {
        await WriteLogAsync(Flights, 0,
            """{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["appendOnly","invariants"]}}""" + "\n"
            + Metadata(configuration: """{"delta.appendOnly":"true"}"""));
        var table = Process().Get(Flights);
        var change = Append("a.parquet") with { Columns = [new("origin", "string")] };

        await table.CommitAsync(change, Token);
        var failure = await Assert.ThrowsAsync<TerminalException>(
            () => table.CommitAsync(change with { Add = [File("b.parquet")], RemoveAll = true }, Token));

        Assert.Equal("TableAppendOnly", failure.Code);
    }

    [Fact]
    public async Task A_table_with_invariants_is_not_written()
    {
        await WriteLogAsync(Flights, 0,
            Protocol(1, 2) + "\n" + Metadata(schema: Schema.Replace("\"metadata\":{}", "\"metadata\":{\"delta.invariants\":\"{}\"}")));

        var failure = await Assert.ThrowsAsync<TerminalException>(() => Process().Get(Flights).CommitAsync(Append("a.parquet"), Token));

        Assert.Contains("delta.invariants", failure.Message);
    }

    [Fact]
    public async Task What_a_writer_leaves_out_has_its_default()
    {
        await WriteLogAsync(Flights, 0, Protocol(1, 2) + "\n"
            + $$$"""{"metaData":{"id":"x","schemaString":{{{JsonValue.Create(Schema).ToJsonString()}}}}}""" + "\n"
            + """{"add":{"path":"a.parquet","size":1,"modificationTime":5}}""");
        var table = Process().Get(Flights);

        await table.CommitAsync(Append("b.parquet") with { Columns = [new("origin", "string")] }, Token);

        Assert.True((await table.ReadCommitsAsync(-1, 0, Token).SingleAsync(Token)).DataChange);
        Assert.Empty((await table.TryGetSnapshotAsync(null, Token))!.PartitionColumns);
    }

    [Fact]
    public async Task A_file_outside_the_tables_folder_is_refused_by_name()
    {
        await WriteLogAsync(Flights, 0, Protocol(1, 2) + "\n" + Metadata() + "\n"
            + """{"add":{"path":"abfss://other@account.dfs.core.windows.net/t/a.parquet","partitionValues":{},"size":1,"modificationTime":5,"dataChange":true}}""");
        var snapshot = await Process().Get(Flights).TryGetSnapshotAsync(null, Token);

        var failure = Assert.Throws<TerminalException>(() => DataFiles.Locate(Flights, snapshot!.Files[0]));

        Assert.Equal("TableFileOutside", failure.Code);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"add":{"size":1}}""")]
    [InlineData("""{"add":{"path":"a","size":"x"}}""")]
    [InlineData("""{"add":{"path":"a","size":1,"stats":"{"}}""")]
    [InlineData("""{"metaData":{"id":"x","schemaString":"{}"}}""")]
    [InlineData("null")]
    public async Task A_broken_log_is_named_with_version_and_line(string line)
    {
        await WriteLogAsync(Flights, 0, $"{Protocol(1, 2)}\n\n{line}\n");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => Process().Get(Flights).TryGetSnapshotAsync(null, Token));

        Assert.Equal("TableLogUnreadable", failure.Code);
        Assert.StartsWith("Line 3 of version 0 in the log of table 'flights'", failure.Message);
    }

    [Fact]
    public async Task A_log_whose_checkpoint_is_lost_is_not_taken_for_an_empty_one()
    {
        await Store.Objects.TryPutAsync(
            Flights.Root.Append("_delta_log/_last_checkpoint"), """{"version":10,"size":3}"""u8.ToArray(), PutCondition.None, null, Token);
        var table = Process().Get(Flights);

        Assert.Equal("TableLogUnreadable", (await Assert.ThrowsAsync<TerminalException>(() => table.TryGetSnapshotAsync(null, Token))).Code);
        Assert.Equal("TableLogUnreadable", (await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(Append("a.parquet"), Token))).Code);
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => ReadLogAsync(Flights, 0));
    }

    private static string Protocol(int reader, int writer) =>
        $$$"""{"protocol":{"minReaderVersion":{{{reader}}},"minWriterVersion":{{{writer}}} }}""";

    private static string Metadata(string partitions = "[]", string configuration = "{}", string schema = Schema) =>
        $$$"""{"metaData":{"id":"foreign","format":{"provider":"parquet","options":{}},"schemaString":{{{JsonValue.Create(schema).ToJsonString()}}},"partitionColumns":{{{partitions}}},"configuration":{{{configuration}}},"createdTime":1}}""";
}
