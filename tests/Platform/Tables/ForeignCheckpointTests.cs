using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Checkpoints as other writers make them, made here by DuckDB: other names inside lists and maps, other optional and required columns,
/// columns beyond the protocol's, several parts.</summary>
public sealed class ForeignCheckpointTests
{
    private const string Schema = """{"type":"struct","fields":[{"name":"v","type":"long","nullable":true,"metadata":{}},{"name":"p","type":"string","nullable":true,"metadata":{}}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_checkpoint_in_parts_with_columns_of_its_own_is_read()
    {
        await using var bed = new SqlBed();
        await WriteAsync(bed, "00000000000000000005.checkpoint.0000000001.0000000002.parquet", Rows(
            Protocol("1, 'minWriterVersion': 2"), MetaData(), Txn("app", 7)));
        await WriteAsync(bed, "00000000000000000005.checkpoint.0000000002.0000000002.parquet", Rows(Add("p=a/1.parquet", "a"), Add("p=b/2.parquet", "b"), Remove("p=a/0.parquet")));
        await PutAsync(bed, "_last_checkpoint", """{"version":5,"size":6,"parts":2,"checksum":"x","unknown":{"a":[1]}}""");
        await PutAsync(bed, "00000000000000000006.json", """{"add":{"path":"p=c/3.parquet","partitionValues":{"p":"c"},"size":3,"modificationTime":1700000000009,"dataChange":true}}""");

        var snapshot = (await Table(bed).TryGetSnapshotAsync(null, Token))!;

        Assert.Equal((6L, "the-id"), (snapshot.Version, snapshot.TableId));
        Assert.Equal(["p=a/1.parquet", "p=b/2.parquet", "p=c/3.parquet"], snapshot.Files.Select(file => file.Path));
        Assert.Equal(["a", "b", "c"], snapshot.Files.Select(file => file.PartitionValues["p"]));
        Assert.Equal([3L, 3L, null], snapshot.Files.Select(file => file.Statistics?.Rows));
        Assert.Equal(7, snapshot.Transactions["app"]);
        Assert.Equal(["p"], snapshot.PartitionColumns);
        Assert.Equal(["v", "p"], snapshot.Columns.Select(column => column.Name));
        var (state, _) = await new DeltaLog(SqlBed.Table, bed.Objects).Checkpoints.TryLoadNewestAsync(5, Token);
        Assert.Equal(["p=a/0.parquet"], state!.Tombstones.Keys);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_002), state.Timestamp);

        // And it is written on.
        var commit = await Table(bed).CommitAsync(
            new TableChange
            {
                Operation = "WRITE",
                Columns = snapshot.Columns,
                Add = [Changes.File("p=a/4.parquet") with { PartitionValues = new Dictionary<string, string?> { ["p"] = "a" } }],
            },
            Token);
        Assert.Equal(7, commit.Version);
    }

    [Fact]
    public async Task Without_all_its_parts_a_checkpoint_is_none()
    {
        await using var bed = new SqlBed();
        await WriteAsync(bed, "00000000000000000003.checkpoint.parquet", Rows(Protocol("1, 'minWriterVersion': 2"), MetaData(), Add("p=a/1.parquet", "a")));
        await WriteAsync(bed, "00000000000000000005.checkpoint.0000000001.0000000002.parquet", Rows(Protocol("1, 'minWriterVersion': 2"), MetaData()));
        await PutAsync(bed, "_last_checkpoint", """{"version":5,"size":6,"parts":2}""");
        await PutAsync(bed, "00000000000000000004.json", """{"add":{"path":"p=c/3.parquet","partitionValues":{"p":"c"},"size":3,"modificationTime":9,"dataChange":true}}""");

        Assert.Equal((4L, 2), await Table(bed).TryGetSnapshotAsync(null, Token) is { } snapshot ? (snapshot.Version, snapshot.Files.Count) : default);
    }

    [Theory]
    [InlineData("3, 'minWriterVersion': 7, 'readerFeatures': ['deletionVectors'], 'writerFeatures': ['deletionVectors']", "'deletionVectors'")]
    [InlineData("3, 'minWriterVersion': 7, 'readerFeatures': ['v2Checkpoint'], 'writerFeatures': ['v2Checkpoint']", "'v2Checkpoint'")]
    public async Task A_checkpoint_of_a_table_that_demands_too_much_is_refused_by_the_features_name(string protocol, string named)
    {
        await using var bed = new SqlBed();
        await WriteAsync(bed, "00000000000000000005.checkpoint.parquet", Rows(Protocol(protocol), MetaData()));
        await PutAsync(bed, "_last_checkpoint", """{"version":5,"size":6}""");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => Table(bed).TryGetSnapshotAsync(null, Token));

        Assert.Equal("TableFeatureUnsupported", failure.Code);
        Assert.Contains(named, failure.Message);
    }

    [Fact]
    public async Task A_log_with_nothing_but_checkpoints_of_version_2_is_refused_by_that_name()
    {
        await using var bed = new SqlBed();
        await PutAsync(bed, "00000000000000000005.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json", "{}");
        await PutAsync(bed, "_last_checkpoint", """{"version":5,"size":6,"v2Checkpoint":{"path":"x"}}""");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => Table(bed).TryGetSnapshotAsync(null, Token));

        Assert.Contains("'v2Checkpoint'", failure.Message);
    }

    private static DeltaTable Table(SqlBed bed) => new DeltaTables(bed.Objects, TimeProvider.System, NullLoggerFactory.Instance).Get(SqlBed.Table);

    private static string Protocol(string rest) => $"{{'protocol': {{'minReaderVersion': {rest}}}}}";

    private static string MetaData() =>
        $"{{'metaData': {{'id': 'the-id', 'format': {{'provider': 'parquet', 'options': MAP {{'o': '1'}}}}, 'schemaString': {SqlText.Literal(Schema)}, "
        + "'partitionColumns': ['p'], 'configuration': MAP {'a': 'b'}, 'createdTime': 1::BIGINT}}";

    private static string Txn(string app, int version) => $"{{'txn': {{'appId': '{app}', 'version': {version}::BIGINT}}}}";

    private static string Add(string path, string partition) =>
        $"{{'add': {{'path': '{path}', 'partitionValues': MAP {{'p': '{partition}'}}, 'size': 10::BIGINT, 'modificationTime': 1700000000001::BIGINT, "
        + $"'dataChange': false, 'stats': '{{\"numRecords\":3}}', 'stats_parsed': {{'numRecords': 3}}, 'partitionValues_parsed': {{'p': '{partition}'}}}}}}";

    private static string Remove(string path) =>
        $"{{'remove': {{'path': '{path}', 'deletionTimestamp': 1700000000002::BIGINT, 'dataChange': false}}}}";

    // One struct column an action, as a union of rows that lack the others.
    private static string Rows(params string[] actions) => string.Join(
        " UNION ALL BY NAME ",
        actions.Select(action => string.Create(CultureInfo.InvariantCulture, $"SELECT UNNEST({action})")));

    private static async Task WriteAsync(SqlBed bed, string name, string select)
    {
        var path = bed.Store.Objects.TryGetLocalFile(SqlBed.Table.Root.Append($"_delta_log/{name}"))!;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.ExecuteAsync($"COPY ({select}) TO {SqlText.Literal(path)} (FORMAT parquet)", Token);
    }

    private static Task PutAsync(SqlBed bed, string name, string text) => bed.Objects.TryPutAsync(
        SqlBed.Table.Root.Append($"_delta_log/{name}"), System.Text.Encoding.UTF8.GetBytes(text), PutCondition.None, null, Token);
}
