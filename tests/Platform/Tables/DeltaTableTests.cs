using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Tables;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class DeltaTableTests : TableTest
{
    [Fact]
    public async Task A_table_that_was_never_written_is_null_and_has_no_commits()
    {
        var table = Process().Get(Flights);

        Assert.Null(await table.TryGetSnapshotAsync(null, Token));
        Assert.Null(await table.TryGetSnapshotAsync(3, Token));
        Assert.Empty(await table.ReadCommitsAsync(-1, null, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task The_first_commit_creates_the_table_and_the_next_ones_change_it()
    {
        var table = Process().Get(Flights);

        var created = await table.CommitAsync(Append("a.parquet"), Token);
        var appended = await table.CommitAsync(Append("b.parquet", "c.parquet"), Token);
        var snapshot = await table.TryGetSnapshotAsync(null, Token);

        Assert.Equal(0, created.Version);
        Assert.Equal(1, appended.Version);
        Assert.Equal(["a.parquet", "b.parquet", "c.parquet"], snapshot!.Files.Select(file => file.Path));
        Assert.Equal(Columns, snapshot.Columns);
        Assert.Equal(1, snapshot.Version);
        Assert.Equal(0, snapshot.FirstVersion);
        Assert.True(Guid.TryParse(snapshot.TableId, out _));
    }

    [Fact]
    public async Task The_log_says_it_in_the_words_of_the_protocol()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a b.parquet") with { Batches = [Batch("b1")], Transactions = new Dictionary<string, long> { ["app"] = 7 } }, Token);
        await table.CommitAsync(Overwrite("c.parquet") with { OperationId = "run/step", Extra = new JsonObject { ["note"] = 5 } }, Token);

        var first = Lines(await ReadLogAsync(Flights, 0));
        Assert.Equal(["commitInfo", "protocol", "metaData", "txn", "add"], first.Select(line => Assert.Single(line).Key));
        var info = first[0]["commitInfo"]!;
        Assert.Equal(Clock.GetUtcNow().ToUnixTimeMilliseconds(), (long)info["timestamp"]!);
        Assert.Equal("WRITE", (string?)info["operation"]);
        Assert.True((bool)info["isBlindAppend"]!);
        Assert.StartsWith("DataPlatform/", (string?)info["engineInfo"]);
        Assert.Equal("b1", (string?)info["batch"]![0]!["id"]);
        Assert.Equal("2026-01-02T03:04:05.678Z", (string?)info["batch"]![0]!["started"]);
        Assert.Equal("""{"minReaderVersion":1,"minWriterVersion":2}""", first[1]["protocol"]!.ToJsonString());
        Assert.Equal("parquet", (string?)first[2]["metaData"]!["format"]!["provider"]);
        Assert.Equal(
            """{"type":"struct","fields":[{"name":"origin","type":"string","nullable":false,"metadata":{}},{"name":"delay","type":"integer","nullable":true,"metadata":{}}]}""",
            (string?)first[2]["metaData"]!["schemaString"]);
        Assert.Equal(7, (long)first[3]["txn"]!["version"]!);

        var second = Lines(await ReadLogAsync(Flights, 1));
        Assert.Equal(["commitInfo", "remove", "add"], second.Select(line => Assert.Single(line).Key));
        Assert.Equal("run/step", (string?)second[0]["commitInfo"]!["operationId"]);
        Assert.Equal(5, (int)second[0]["commitInfo"]!["note"]!);
        Assert.Equal(0, (long)second[0]["commitInfo"]!["readVersion"]!);
        Assert.False((bool)second[0]["commitInfo"]!["isBlindAppend"]!);
        Assert.Equal("a b.parquet", (string?)second[1]["remove"]!["path"]);
        Assert.Equal(100, (long)second[1]["remove"]!["size"]!);
        Assert.True((bool)second[1]["remove"]!["extendedFileMetadata"]!);
        Assert.True((bool)second[2]["add"]!["dataChange"]!);
    }

    [Fact]
    public async Task A_batch_comes_back_as_it_was_committed()
    {
        var table = Process().Get(Flights);
        var batch = Batch("b1") with { Attempt = 2, IdempotencyKey = "k \"1\" ü", Quarantine = "lake/quarantine/b1" };

        var commit = await table.CommitAsync(Append("a.parquet") with { Batches = [batch] }, Token);
        var read = await Process().Get(Flights).ReadCommitsAsync(-1, null, Token).SingleAsync(Token);

        Assert.Equal(batch, Assert.Single(commit.Batches));
        Assert.Equal(batch, Assert.Single(read.Batches));
    }

    [Fact]
    public async Task A_batch_without_good_rows_commits_and_changes_no_data()
    {
        var table = Process().Get(Flights);

        var commit = await table.CommitAsync(Append() with { Batches = [Batch("b1")] }, Token);

        Assert.False(commit.DataChange);
        Assert.Equal("b1", Assert.Single(commit.Batches).Id);
        Assert.Empty((await table.TryGetSnapshotAsync(null, Token))!.Files);
    }

    [Fact]
    public async Task Any_version_can_be_read_by_a_process_that_saw_it_come_and_by_a_new_one()
    {
        var writer = Process().Get(Flights);
        for (var i = 0; i < 5; i++)
            await writer.CommitAsync(i == 3 ? Overwrite("new.parquet") : Append($"{i}.parquet"), Token);

        foreach (var table in new[] { writer, Process().Get(Flights) })
        {
            Assert.Equal(["0.parquet", "1.parquet", "2.parquet"], (await table.TryGetSnapshotAsync(2, Token))!.Files.Select(file => file.Path));
            Assert.Equal(["new.parquet"], (await table.TryGetSnapshotAsync(3, Token))!.Files.Select(file => file.Path));
            Assert.Equal(["0.parquet"], (await table.TryGetSnapshotAsync(0, Token))!.Files.Select(file => file.Path));
            Assert.Equal(4, (await table.TryGetSnapshotAsync(null, Token))!.Version);
        }
    }

    [Fact]
    public async Task A_version_that_is_not_there_yet_is_named_with_the_newest()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet"), Token);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => table.TryGetSnapshotAsync(9, Token));

        Assert.Equal("TableVersionNotFound", failure.Code);
        Assert.Equal("Table 'flights' has no version 9: its newest is 0.", failure.Message);
    }

    [Fact]
    public async Task Commits_are_read_in_order_and_a_range_ends_at_the_newest()
    {
        var writer = Process().Get(Flights);
        for (var i = 0; i < 40; i++)
            await writer.CommitAsync(Append($"{i}.parquet"), Token);

        foreach (var table in new[] { writer, Process().Get(Flights) })
        {
            Assert.Equal(Enumerable.Range(0, 40), await table.ReadCommitsAsync(-1, null, Token).Select(c => (int)c.Version).ToListAsync(Token));
            Assert.Equal(Enumerable.Range(3, 4), await table.ReadCommitsAsync(2, 6, Token).Select(c => (int)c.Version).ToListAsync(Token));
            Assert.Equal([39], await table.ReadCommitsAsync(38, 99, Token).Select(c => (int)c.Version).ToListAsync(Token));
            Assert.Empty(await table.ReadCommitsAsync(39, null, Token).ToListAsync(Token));
        }
    }

    [Fact]
    public async Task Commit_times_go_up_even_when_the_clock_does_not()
    {
        var table = Process().Get(Flights);
        var first = await table.CommitAsync(Append("a.parquet"), Token);
        var second = await table.CommitAsync(Append("b.parquet"), Token);

        Assert.Equal(Clock.GetUtcNow(), first.Timestamp);
        Assert.Equal(first.Timestamp.AddMilliseconds(1), second.Timestamp);
    }

    [Fact]
    public async Task A_recent_snapshot_is_given_from_memory_until_it_is_too_old_or_too_low()
    {
        var reader = Process().Get(Flights);
        var writer = Process().Get(Flights);
        await writer.CommitAsync(Append("a.parquet"), Token);
        var age = TimeSpan.FromSeconds(1);

        Assert.Equal(0, (await reader.TryGetRecentSnapshotAsync(age, -1, Token))!.Version);
        await writer.CommitAsync(Append("b.parquet"), Token);
        Assert.Equal(0, (await reader.TryGetRecentSnapshotAsync(age, -1, Token))!.Version);
        Assert.Equal(1, (await reader.TryGetRecentSnapshotAsync(age, 1, Token))!.Version);
        await writer.CommitAsync(Append("c.parquet"), Token);
        Clock.Advance(age + age);
        Assert.Equal(2, (await reader.TryGetRecentSnapshotAsync(age, -1, Token))!.Version);
    }

    [Fact]
    public async Task Own_members_of_commitInfo_cannot_hide_the_ones_that_count()
    {
        var change = Append("a.parquet") with { Extra = new JsonObject { ["batch"] = "x" } };

        await Assert.ThrowsAsync<ArgumentException>(() => Process().Get(Flights).CommitAsync(change, Token));
    }

    private static List<JsonObject> Lines(string log) =>
        [.. log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
}
