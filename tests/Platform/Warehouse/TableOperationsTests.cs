using System.Text;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Warehouse;

/// <summary>All operations on one table after another, over a folder and over a storage account.</summary>
public sealed class TableOperationsTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(false, "\"partitionBy\": [\"kind\"],")]
    [InlineData(true, "\"partitionBy\": [\"kind\"],")]
    public async Task A_table_is_kept_in_order_corrected_put_back_cleaned_and_dropped(bool onAzurite, string division)
    {
        // The times of files are the store's.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var storage = onAzurite ? await azurite.GetStorageAsync() : null;
        await using var bed = new BatchBed(clock: clock, configure: options => options.Storage = storage ?? options.Storage);
        var store = StoreOf(bed);
        var operations = ActivatorUtilities.CreateInstance<TableOperations>(bed.Services, store);
        var name = $"things_{Guid.NewGuid():n}"[..20];
        await bed.DefineAsync(name, $$"""{ {{division}} "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "kind", "type": "string"}, {"name": "n", "type": "int32"} ] }""");
        for (var batch = 0; batch < 3; batch++)
            await bed.PostAsync(name, "id,kind,n\n" + string.Concat(Enumerable.Range(batch * 100, 100).Select(i => $"{i},k{i % 3},{i}\n")));
        const string all = "300|44850|300";
        const string sql = "SELECT count(*), sum(n), count(DISTINCT id) FROM t";
        Assert.Equal([all], await bed.QueryAsync(name, sql));

        var optimized = await RunAsync("""{"operation": "optimize"}""");
        var compact = await bed.SnapshotAsync(name);
        Assert.Equal(division.Length == 0 ? 1 : 3, compact.Files.Count);
        Assert.Equal((compact.Version, false), ((long)optimized["version"]!, (bool)optimized["more"]!));
        Assert.Equal([all], await bed.QueryAsync(name, sql));

        Assert.Equal(100, (long)(await RunAsync("""{"operation": "delete", "condition": "kind = 'k1'"}"""))["rows"]!);
        Assert.Equal(["200|29900|200"], await bed.QueryAsync(name, sql));
        await RunAsync("""{"operation": "widen", "columns": {"n": "decimal(12,1)"}}""");
        Assert.Equal(["DECIMAL(12,1)|29900"], await bed.QueryAsync(name, "SELECT typeof(n), sum(n)::INTEGER FROM t GROUP BY ALL"));
        await RunAsync("""{"operation": "restore", "version": 1}""");
        Assert.Equal(["200|19900|200"], await bed.QueryAsync(name, sql));
        await RunAsync("""{"operation": "restore", "version": 2}""");
        Assert.Equal([all], await bed.QueryAsync(name, sql));
        Assert.True((await bed.ProveAsync(name, isDeep: true)).Proven);

        var root = new TableName(TableKind.Dataset, name).Root;
        await bed.Objects.TryPutAsync(root.Append("left-behind.parquet"), "x"u8.ToArray(), PutCondition.None, null, Token);
        Assert.Equal(0, (long)(await RunAsync("""{"operation": "vacuum"}"""))["files"]!);
        clock.Advance(TimeSpan.FromDays(8));
        var dry = await operations.TryAsync(name, TableOperations.Read(Encoding.UTF8.GetBytes("""{"operation": "vacuum"}""")), Token);
        var vacuumed = await RunAsync("""{"operation": "vacuum"}""");
        Assert.True((long)vacuumed["files"]! > 3, vacuumed.ToJsonString());
        Assert.Equal((long)dry["files"]!, (long)vacuumed["files"]!);
        Assert.Equal(
            (await bed.SnapshotAsync(name)).Files.Select(file => DataFiles.Locate(new TableName(TableKind.Dataset, name), file).Value).Order(StringComparer.Ordinal),
            (await ObjectsAsync(root)).Where(path => path.EndsWith(".parquet", StringComparison.Ordinal) && !path.Contains("/_delta_log/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal([all], await bed.QueryAsync(name, sql));

        await bed.Services.GetRequiredService<CatalogStore>().DeleteAsync<DatasetDefinition>(name, null, Token);
        Assert.Equal(300, (long)(await operations.TryDropAsync(name, Token)).Result["rows"]!);
        var dropped = await operations.DropAsync(name, "tester", null, Token);
        await EndAsync(dropped.Id);
        Assert.Null(await bed.SnapshotOrNullAsync(name));
        Assert.All(await ObjectsAsync(root), path => Assert.Contains("/_delta_log/", path, StringComparison.Ordinal));
        await bed.DefineAsync(name, """{ "fields": [ {"name": "id", "type": "string", "required": true} ] }""");
        await bed.PostAsync(name, "id\na\n");
        Assert.Equal(["a"], await bed.QueryAsync(name, "SELECT id FROM t"));

        async Task<JsonNode> RunAsync(string document)
        {
            var bytes = Encoding.UTF8.GetBytes(document);
            var operation = await operations.CreateAsync(name, TableOperations.Read(bytes), bytes, "tester", null, Token);
            return await EndAsync(operation.Id);
        }

        async Task<JsonNode> EndAsync(string id)
        {
            while (await operations.WorkAsync(id, Token))
                Assert.False(Token.IsCancellationRequested);
            var did = (await store.WaitAsync(name, id, TimeSpan.Zero, Token)).Result!.ToJsonString();

            // A second time, as after a crash, changes nothing.
            await operations.WorkAsync(id, Token);
            await store.EndAsync(id, error: null, Token);
            var ended = await store.WaitAsync(name, id, TimeSpan.Zero, Token);
            Assert.Equal(RunStatus.Succeeded, ended.Status);
            return JsonNode.Parse(did)!;
        }

        async Task<IReadOnlyList<string>> ObjectsAsync(LakePath below) =>
            await bed.Objects.ListAsync(below, null, Token).Select(info => info.Path.Value).ToListAsync(Token);
    }

    [Fact]
    public async Task An_operation_that_was_committed_before_somebody_canceled_it_has_succeeded()
    {
        await using var bed = new BatchBed();
        var store = StoreOf(bed);
        var operations = ActivatorUtilities.CreateInstance<TableOperations>(bed.Services, store);
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64"} ] }""");
        await bed.PostAsync("things", "id\n1\n2\n");
        var document = Encoding.UTF8.GetBytes("""{"operation": "delete", "condition": "id = 1"}""");
        var committed = await operations.CreateAsync("things", TableOperations.Read(document), document, "tester", null, Token);
        var untouched = await operations.CreateAsync("things", TableOperations.Read(document), document, "tester", null, Token);
        await operations.WorkAsync(committed.Id, Token);
        foreach (var operation in new[] { committed, untouched })
            await operations.CancelAsync("things", operation.Id, "bob", Token);

        // The activity's answer was lost, so it is done again.
        Assert.False(await operations.WorkAsync(committed.Id, Token));
        var canceled = await Assert.ThrowsAsync<TerminalException>(() => operations.WorkAsync(untouched.Id, Token));

        Assert.Equal("OperationCanceled", canceled.Code);
        Assert.Equal(1, (long)(await store.GetAsync("things", committed.Id, Token)).Result!["rows"]!);
    }

    [Theory]
    [InlineData("""{"operation": "widen"}""", "$.columns MissingMember")]
    [InlineData("""{"operation": "widen", "columns": {"n": "number"}}""", "$.columns.n InvalidType")]
    [InlineData("""{"operation": "widen", "columns": {"n": "decimal(50,1)"}}""", "$.columns.n InvalidType")]
    [InlineData("""{"operation": "widen", "columns": {"n": "int64"}, "version": 3}""", "$.version UnknownMember")]
    public void Mistakes_of_a_widening_are_told_with_their_places(string document, string expected)
    {
        var failure = Assert.Throws<TerminalException>(() => TableOperations.Read(Encoding.UTF8.GetBytes(document)));
        Assert.Equal(expected, $"{failure.Details[0].Target} {failure.Details[0].Code}");
    }

    [Theory]
    [InlineData("key", "decimal(12,0)", "KeyKeepsType")]
    [InlineData("seq", "float64", "KeyKeepsType")]
    [InlineData("part", "float64", "NotWider")]
    public async Task Fields_that_tell_rows_apart_become_int64_only(string column, string type, string code)
    {
        await using var bed = new BatchBed();
        var operations = ActivatorUtilities.CreateInstance<TableOperations>(bed.Services, StoreOf(bed));
        await bed.DefineAsync("things", """
            { "key": ["key"], "operational": true, "orderBy": "seq", "partitionBy": ["part"],
              "fields": [ {"name": "key", "type": "int32", "required": true}, {"name": "seq", "type": "int32", "required": true}, {"name": "part", "type": "int32"} ] }
            """);
        await bed.PostAsync("things", "key,seq,part\n1,1,1\n");

        var refused = await Assert.ThrowsAsync<TerminalException>(() => TryAsync(type));
        Assert.Equal((code, $"$.columns.{column}"), (refused.Code, refused.Target));
        Assert.Equal(1, (int)(await TryAsync("int64"))["filesRemoved"]!);

        Task<JsonNode> TryAsync(string to) =>
            operations.TryAsync("things", TableOperations.Read(Encoding.UTF8.GetBytes($$$"""{"operation": "widen", "dryRun": true, "columns": {"{{{column}}}": "{{{to}}}"}}""")), Token);
    }

    private static OperationStore<TableOperation> StoreOf(BatchBed bed) =>
        new(bed.Services.GetRequiredService<IRowStore>(), TableOperation.RowTable, bed.Services.GetRequiredService<TimeProvider>());
}
