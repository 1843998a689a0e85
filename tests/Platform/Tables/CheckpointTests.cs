using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ParquetSharp;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Checkpoints as we write them, and what they are for.</summary>
public sealed class CheckpointTests : TableTest
{
    private readonly PlatformOptions _options = new() { CheckpointCommits = 10 };

    [Fact]
    public async Task A_table_is_read_from_its_checkpoint_and_the_commits_behind_it()
    {
        var table = Often().Get(Flights);
        await CommitAsync(table, 23);
        for (var version = 0; version < 20; version++)
            await Store.Objects.TryDeleteAsync(LogPath(Flights, version), null, Token);

        var read = await Process().Get(Flights).TryGetSnapshotAsync(null, Token);

        var written = await table.TryGetSnapshotAsync(null, Token);
        Assert.Equal(22, read!.Version);
        Assert.Equal(JsonSerializer.Serialize(written!.Files), JsonSerializer.Serialize(read.Files));
        Assert.Equal(written with { Files = [], Transactions = null!, Columns = [] }, read with { Files = [], Transactions = null!, Columns = [], PartitionColumns = written.PartitionColumns, Properties = written.Properties });
        Assert.Equal(written.Properties.OrderBy(property => property.Key), read.Properties.OrderBy(property => property.Key));
        Assert.Equal(written.Columns, read.Columns);
        Assert.Equal(written.Transactions.OrderBy(t => t.Key), read.Transactions.OrderBy(t => t.Key));
        var last = JsonNode.Parse(await ReadAsync("_last_checkpoint"))!;
        Assert.Equal(20, (long)last["version"]!);
        Assert.Equal((int)last["size"]!, (int)last["numOfAddFiles"]! + 5);
        Assert.Equal((await Store.Objects.GetInfoAsync(Checkpoint(20), Token))!.Length, (long)last["sizeInBytes"]!);
    }

    [Fact]
    public async Task Everything_an_action_says_is_kept()
    {
        const string schema = """{"type":"struct","fields":[{"name":"a","type":"string","nullable":true,"metadata":{"comment":"Grüße"}},{"name":"p","type":"integer","nullable":true,"metadata":{}}]}""";
        await WriteLogAsync(Flights, 0, string.Join('\n',
            """{"commitInfo":{"timestamp":1772366400000,"inputs":{"x":{"tableId":"t","version":3}},"inputsBy":{"w":{"x":{"tableId":"t","version":3}}}}}""",
            """{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["appendOnly","invariants"]}}""",
            new JsonObject
            {
                ["metaData"] = new JsonObject
                {
                    ["id"] = "some-id",
                    ["name"] = "n",
                    ["description"] = "d",
                    ["format"] = new JsonObject { ["provider"] = "parquet", ["options"] = new JsonObject { ["o"] = "1" } },
                    ["schemaString"] = schema,
                    ["partitionColumns"] = new JsonArray("p"),
                    ["configuration"] = new JsonObject { ["delta.logRetentionDuration"] = "interval 60 days", ["custom.x"] = "y" },
                    ["createdTime"] = 17,
                },
            }.ToJsonString(),
            """{"txn":{"appId":"app/ü","version":9,"lastUpdated":5}}""",
            """{"add":{"path":"p=1/a%20b.parquet","partitionValues":{"p":"1"},"size":10,"modificationTime":11,"dataChange":true,"stats":"{\"numRecords\":3,\"minValues\":{\"a\":\"A\"},\"maxValues\":{\"a\":\"Z\"},\"nullCount\":{\"a\":1}}","tags":{"t":"u","v":null}}}""",
            """{"add":{"path":"p=__HIVE_DEFAULT_PARTITION__/b.parquet","partitionValues":{"p":null},"size":20,"modificationTime":12,"dataChange":true}}""",
            """{"add":{"path":"p=1/gone.parquet","partitionValues":{"p":"1"},"size":30,"modificationTime":13,"dataChange":true}}"""));
        var log = new DeltaLog(Flights, Store.Objects);
        var history = new TableHistory(log, Clock);
        await WriteLogAsync(Flights, 1, """{"remove":{"path":"p=1/gone.parquet","deletionTimestamp":1772366400001,"dataChange":true,"extendedFileMetadata":true,"partitionValues":{"p":"1"},"size":30}}""");
        var before = await history.RefreshAsync(Token);

        await log.Checkpoints.WriteAsync(before, DateTimeOffset.UnixEpoch, Token);
        var after = (await log.Checkpoints.TryLoadNewestAsync(1, Token)).State!;

        Assert.Equal(Text(before.Protocol), Text(after.Protocol));
        Assert.Equal(Text(before.Metadata!.Action), Text(after.Metadata!.Action));
        Assert.Equal(Text(before.Files), Text(after.Files));
        Assert.Equal(Text(before.Tombstones), Text(after.Tombstones));
        Assert.Equal(Text(before.Transactions), Text(after.Transactions));
        Assert.Equal((before.Version, before.Timestamp, before.FirstVersion), (after.Version, after.Timestamp, after.FirstVersion));
        Assert.Equal(Text(TableInputs.Read(before.LastWithInputs)), Text(TableInputs.Read(after.LastWithInputs)));
        Assert.Equal(3, TableInputs.Read(after.LastWithInputs)["w"]["x"].Version);
        Assert.Equal("u", after.Files[0].Tags!["t"]);
        Assert.Null(after.Files[1].PartitionValues["p"]);
        Assert.Equal(TimeSpan.FromDays(60), after.Metadata.LogRetention);

        static string Text<T>(T value) => JsonSerializer.Serialize(value);
    }

    [Fact]
    public async Task A_checkpoint_has_the_columns_of_the_protocol()
    {
        await CommitAsync(Often().Get(Flights), 11);

        using var reader = new ParquetFileReader(Store.Objects.TryGetLocalFile(Checkpoint(10))!);
        using var metadata = reader.FileMetaData;
        var columns = Enumerable.Range(0, metadata.NumColumns).Select(i => metadata.Schema.Column(i)).Select(c => $"{c.Path.ToDotString()}: {c.PhysicalType} {c.LogicalType.Type}");

        Assert.Equal(
            """
            txn.appId: ByteArray String
            txn.version: Int64 None
            txn.lastUpdated: Int64 None
            add.path: ByteArray String
            add.partitionValues.key_value.key: ByteArray String
            add.partitionValues.key_value.value: ByteArray String
            add.size: Int64 None
            add.modificationTime: Int64 None
            add.dataChange: Boolean None
            add.tags.key_value.key: ByteArray String
            add.tags.key_value.value: ByteArray String
            add.stats: ByteArray String
            remove.path: ByteArray String
            remove.deletionTimestamp: Int64 None
            remove.dataChange: Boolean None
            remove.extendedFileMetadata: Boolean None
            remove.partitionValues.key_value.key: ByteArray String
            remove.partitionValues.key_value.value: ByteArray String
            remove.size: Int64 None
            metaData.id: ByteArray String
            metaData.name: ByteArray String
            metaData.description: ByteArray String
            metaData.format.provider: ByteArray String
            metaData.format.options.key_value.key: ByteArray String
            metaData.format.options.key_value.value: ByteArray String
            metaData.schemaString: ByteArray String
            metaData.partitionColumns.list.element: ByteArray String
            metaData.configuration.key_value.key: ByteArray String
            metaData.configuration.key_value.value: ByteArray String
            metaData.createdTime: Int64 None
            protocol.minReaderVersion: Int32 None
            protocol.minWriterVersion: Int32 None
            protocol.readerFeatures.list.element: ByteArray String
            protocol.writerFeatures.list.element: ByteArray String
            """.ReplaceLineEndings("\n"),
            string.Join('\n', columns));
    }

    [Fact]
    public async Task Removals_whose_retention_is_over_are_left_out()
    {
        var table = Often().Get(Flights);
        await table.CommitAsync(Append("old.parquet", "new.parquet"), Token);
        await table.CommitAsync(Append() with { Columns = Columns, Remove = ["old.parquet"] }, Token);
        Clock.Advance(TimeSpan.FromDays(6));
        await table.CommitAsync(Append() with { Columns = Columns, Remove = ["new.parquet"] }, Token);
        Clock.Advance(TimeSpan.FromDays(2));
        await CommitAsync(table, 8);

        var (state, _) = await new DeltaLog(Flights, Store.Objects).Checkpoints.TryLoadNewestAsync(100, Token);

        Assert.Equal(10, state!.Version);
        Assert.Equal(["new.parquet"], state.Tombstones.Keys);
    }

    [Fact]
    public async Task Many_bytes_of_commits_make_a_checkpoint_too()
    {
        var table = new DeltaTables(
            Store.Objects, Clock, NullLoggerFactory.Instance, Options.Create(new PlatformOptions { CheckpointBytes = 1 << 20 })).Get(Flights);

        await table.CommitAsync(Append([.. Enumerable.Range(0, 4_000).Select(i => $"{i:D200}.parquet")]), Token);
        await table.UpkeepIdle;

        Assert.NotNull(await Store.Objects.GetInfoAsync(Checkpoint(0), Token));
        Assert.Equal(4_000, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Files.Count);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("torn")]
    [InlineData("empty")]
    [InlineData("text")]
    public async Task A_damaged_checkpoint_is_passed_over_for_the_one_before_it(string damage)
    {
        await CommitAsync(Often().Get(Flights), 25);
        await DamageAsync(Checkpoint(20), damage);
        for (var version = 0; version < 10; version++)
            await Store.Objects.TryDeleteAsync(LogPath(Flights, version), null, Token);

        var snapshot = await Process().Get(Flights).TryGetSnapshotAsync(null, Token);

        Assert.Equal((24, 25), (snapshot!.Version, snapshot.Files.Count));
    }

    [Fact]
    public async Task Without_any_good_checkpoint_the_commits_are_read()
    {
        await CommitAsync(Often().Get(Flights), 25);
        await DamageAsync(Checkpoint(20), "torn");
        await DamageAsync(Checkpoint(10), "torn");

        Assert.Equal(25, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Files.Count);
    }

    [Fact]
    public async Task A_log_whose_beginning_is_gone_is_never_taken_for_a_new_table()
    {
        await CommitAsync(Often().Get(Flights), 12);
        await DamageAsync(Checkpoint(10), "torn");
        await Store.Objects.TryDeleteAsync(LogPath(Flights, 0), null, Token);
        var table = Process().Get(Flights);

        var read = await Assert.ThrowsAsync<TerminalException>(() => table.TryGetSnapshotAsync(null, Token));
        var write = await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(Append("x.parquet"), Token));

        Assert.Equal(("TableLogUnreadable", "TableLogUnreadable"), (read.Code, write.Code));
        Assert.Contains("begins at version 1", read.Message);
    }

    [Theory]
    [InlineData("""{"version":10,"size":13}""")]
    [InlineData("""{"version":999,"size":13}""")]
    [InlineData("""{"version":20,"size":13,"parts":3}""")]
    [InlineData("""{"version":-5}""")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("")]
    public async Task A_last_checkpoint_that_is_stale_or_broken_misleads_nobody(string text)
    {
        await CommitAsync(Often().Get(Flights), 25);
        for (var version = 0; version < 10; version++)
            await Store.Objects.TryDeleteAsync(LogPath(Flights, version), null, Token);
        await Store.Objects.TryPutAsync(LastCheckpoint, System.Text.Encoding.UTF8.GetBytes(text), PutCondition.None, null, Token);

        var snapshot = await Process().Get(Flights).TryGetSnapshotAsync(null, Token);

        Assert.Equal((24, 25), (snapshot!.Version, snapshot.Files.Count));
    }

    [Fact]
    public async Task A_missing_last_checkpoint_is_made_up_for_by_a_look_into_the_log()
    {
        await CommitAsync(Often().Get(Flights), 25);
        for (var version = 0; version < 10; version++)
            await Store.Objects.TryDeleteAsync(LogPath(Flights, version), null, Token);
        await Store.Objects.TryDeleteAsync(LastCheckpoint, null, Token);

        Assert.Equal(24, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Version);
    }

    [Fact]
    public async Task A_process_that_slept_while_the_log_was_cut_reads_on_from_a_checkpoint_and_does_not_fork_the_log()
    {
        var sleeper = Process().Get(Flights);
        await sleeper.CommitAsync(Append("first.parquet"), Token);
        await CommitAsync(Often().Get(Flights), 30);
        for (var version = 0; version < 30; version++)
            await Store.Objects.TryDeleteAsync(LogPath(Flights, version), null, Token);
        Clock.Advance(TimeSpan.FromHours(1));

        var commit = await sleeper.CommitAsync(Append("late.parquet"), Token);

        Assert.Equal(31, commit.Version);
        Assert.Equal(32, (await sleeper.TryGetSnapshotAsync(null, Token))!.Files.Count);
    }

    [Fact]
    public async Task No_commit_waits_for_a_checkpoint_or_fails_with_it()
    {
        var store = new CheckpointlessStore(Store.Objects);
        var table = new DeltaTables(store, Clock, NullLoggerFactory.Instance, Options.Create(_options)).Get(Flights);
        for (var i = 0; i < 15; i++)
            await table.CommitAsync(Append($"{i}.parquet"), Token);

        store.Release.SetException(new TransientException("The store does not answer."));
        await table.UpkeepIdle;
        store.Release = new TaskCompletionSource();
        store.Release.SetResult();
        await CommitAsync(table, 3);

        Assert.Equal(18, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Files.Count);
        Assert.NotNull(await Store.Objects.GetInfoAsync(LastCheckpoint, Token));
    }

    [Fact]
    public async Task Old_versions_are_read_from_the_checkpoint_before_them()
    {
        var table = new DeltaTables(
            Store.Objects, Clock, NullLoggerFactory.Instance, Options.Create(new PlatformOptions { CheckpointCommits = 100 })).Get(Flights);
        await CommitAsync(table, 301);
        for (var version = 0; version < 100; version++)
            await Store.Objects.TryDeleteAsync(LogPath(Flights, version), null, Token);
        var reader = Process().Get(Flights);

        Assert.Equal(251, (await reader.TryGetSnapshotAsync(250, Token))!.Files.Count);
        Assert.Equal(101, (await reader.TryGetSnapshotAsync(100, Token))!.Files.Count);
        Assert.Equal("TableVersionGone", (await Assert.ThrowsAsync<TerminalException>(() => reader.TryGetSnapshotAsync(99, Token))).Code);
    }

    private DeltaTables Often() => new(Store.Objects, Clock, NullLoggerFactory.Instance, Options.Create(_options));

    private async Task CommitAsync(DeltaTable table, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var change = Append(DataFiles.NewName(Guid.NewGuid().ToString(), 0));
            await table.CommitAsync(i % 7 == 0 ? change with { Transactions = new Dictionary<string, long> { [$"app-{Guid.NewGuid()}"] = i } } : change, Token);
            await table.UpkeepIdle;
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private async Task DamageAsync(LakePath path, string damage)
    {
        if (damage == "missing")
        {
            await Store.Objects.TryDeleteAsync(path, null, Token);
            return;
        }

        var bytes = await System.IO.File.ReadAllBytesAsync(Store.Objects.TryGetLocalFile(path)!, Token);
        var left = damage switch
        {
            "torn" => bytes[..(bytes.Length / 2)],
            "text" => "PAR1 this is no Parquet file PAR1"u8.ToArray(),
            _ => [],
        };
        await Store.Objects.TryPutAsync(path, left, PutCondition.None, null, Token);
    }

    private static LakePath LastCheckpoint => Flights.Root.Append("_delta_log/_last_checkpoint");

    private static LakePath Checkpoint(long version) => Flights.Root.Append($"_delta_log/{version:D20}.checkpoint.parquet");

    private async Task<string> ReadAsync(string name)
    {
        using var reader = new StreamReader(await Store.Objects.OpenReadAsync(Flights.Root.Append($"_delta_log/{name}"), null, Token));
        return await reader.ReadToEndAsync(Token);
    }

    /// <summary>A store whose checkpoints wait.</summary>
    private sealed class CheckpointlessStore(IObjectStore inner) : WrappedObjectStore(inner)
    {
        public TaskCompletionSource Release { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async Task<ObjectWriteStream> OpenWriteAsync(
            LakePath path, PutCondition condition, string? contentType, CancellationToken cancellationToken)
        {
            await Release.Task;
            return await base.OpenWriteAsync(path, condition, contentType, cancellationToken);
        }
    }
}
