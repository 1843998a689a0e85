using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Files;
using DataPlatform.Gateway;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Platform.Tests.Tables;
using DataPlatform.TestKit;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Platform.Tests.Files;

/// <summary>Copies, moves and deletes without a hierarchical namespace, on every kind of store.</summary>
public abstract class FolderWorkContract : IDisposable
{
    private readonly string _home = $"files/{Guid.NewGuid():n}";

    protected TestStore Rows { get; } = new();

    protected abstract IObjectStore Store { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Rows.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_move_takes_all_that_lies_below_and_nothing_beside()
    {
        await PutAsync("a/1.csv", "1");
        await PutAsync("a/b/2.csv", "2");
        await PutAsync("a/b/c/3.json", "3");
        await PutAsync("ab/4.csv", "4");
        await PutAsync("a.csv", "5");
        await PutAsync("a-b/6.csv", "6");

        var done = await RunAsync("moveFrom", "a/", "z/y/");

        Assert.Equal((RunStatus.Succeeded, 3, 3, 3), (done.Status, done.Copied, done.CopiedBytes, done.Deleted));
        Assert.Equal(["a-b/6.csv=6", "a.csv=5", "ab/4.csv=4", "z/y/1.csv=1", "z/y/b/2.csv=2", "z/y/b/c/3.json=3"], await AllAsync());
        Assert.Equal("application/json", (await Store.GetInfoAsync(At("z/y/b/c/3.json"), Cancel))!.ContentType);
    }

    [Fact]
    public async Task A_copy_leaves_its_source_and_may_come_from_another_zone()
    {
        var raw = $"raw/orders/{Guid.NewGuid():n}";
        Assert.NotNull(await Store.TryPutAsync(LakeAddress.Locate($"{raw}/body"), "x"u8.ToArray(), PutCondition.None, null, Cancel));

        var done = await RunAsync("copyFrom", $"{raw}/", "copy/", absolute: true);

        Assert.Equal((RunStatus.Succeeded, 1, 0), (done.Status, done.Copied, done.Deleted));
        Assert.Equal(["copy/body=x"], await AllAsync());
        Assert.NotNull(await Store.GetInfoAsync(LakeAddress.Locate($"{raw}/body"), Cancel));
    }

    [Fact]
    public async Task A_delete_removes_all_that_lies_below_and_nothing_beside()
    {
        for (var i = 0; i < 20; i++)
            await PutAsync($"a/{i % 3}/{i}.csv", "x");
        await PutAsync("ab/4.csv", "4");
        await PutAsync("a.csv", "5");

        var done = await FinishAsync((await DeleteAsync("a/")).Operation!, Work(Store));

        Assert.Equal((RunStatus.Succeeded, 20), (done.Status, done.Deleted));
        Assert.Equal(["a.csv=5", "ab/4.csv=4"], await AllAsync());
        Assert.Equal("FolderNotFound", (await Assert.ThrowsAsync<TerminalException>(() => DeleteAsync("a/"))).Code);
        Assert.Equal("FolderNotFound", (await Assert.ThrowsAsync<TerminalException>(() => DeleteAsync("a.csv/"))).Code);
    }

    [Theory]
    [InlineData("b/old.csv")]
    [InlineData("b")]
    public async Task A_destination_in_use_is_refused(string taken)
    {
        await PutAsync("a/1.csv", "1");
        await PutAsync(taken, "old");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => PostAsync("moveFrom", "a/", "b/"));

        Assert.Equal(("PathConflict", FailureKind.Conflict), (failure.Code, failure.Kind));
        Assert.Equal(["a/1.csv=1", $"{taken}=old"], await AllAsync());
    }

    [Theory]
    [InlineData("a/", "a/")]
    [InlineData("a/", "a/b/")]
    [InlineData("a/b/", "a/")]
    [InlineData("a/b/1.csv", "a/b/1.csv")]
    [InlineData("a/b/1.csv", "a/c/")]
    [InlineData("a/b/", "c")]
    public async Task A_move_into_itself_or_of_another_kind_is_refused(string source, string target)
    {
        await PutAsync("a/b/1.csv", "1");
        Assert.Equal("InvalidPath", (await Assert.ThrowsAsync<TerminalException>(() => PostAsync("moveFrom", source, target))).Code);
        Assert.Equal(["a/b/1.csv=1"], await AllAsync());
    }

    [Fact]
    public async Task A_round_that_failed_or_was_not_heard_of_is_done_again()
    {
        for (var i = 0; i < 7; i++)
            await PutAsync($"a/{i}.csv", $"{i}");
        var fails = 1;
        var failing = new DisturbedStore(Store, path => path.FileName == "4.csv" && Interlocked.Decrement(ref fails) >= 0 ? throw new TransientException("Gone for a moment.") : Task.CompletedTask);
        var operation = (await PostAsync("moveFrom", "a/", "b/")).Operation!;

        await Assert.ThrowsAsync<TransientException>(() => Work(failing).WorkAsync(operation.Id, Cancel));
        Assert.Equal(7, (await AllAsync()).Count(name => name.StartsWith("a/", StringComparison.Ordinal)));

        var done = await FinishAsync(operation, Work(failing));
        Assert.Equal((RunStatus.Succeeded, 7, 7), (done.Status, done.Copied, done.Deleted));
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"b/{i}.csv={i}"), await AllAsync());
    }

    [Fact]
    public async Task What_others_write_to_the_target_meanwhile_is_not_overwritten()
    {
        await PutAsync("a/1.csv", "1");
        await PutAsync("a/2.csv", "2");
        var busy = new DisturbedStore(Store, path => path.FileName == "2.csv" ? PutAsync("b/2.csv", "x") : Task.CompletedTask);

        var done = await FinishAsync((await PostAsync("moveFrom", "a/", "b/")).Operation!, Work(busy));

        Assert.Equal((RunStatus.Failed, "PathConflict"), (done.Status, done.Error?.Code));
        Assert.Equal(["a/1.csv=1", "a/2.csv=2", "b/2.csv=x"], (await AllAsync()).Where(name => name != "b/1.csv=1"));
    }

    [Fact]
    public async Task What_is_written_to_the_source_meanwhile_is_not_lost()
    {
        await PutAsync("a/1.csv", "1");
        await PutAsync("a/2.csv", "2");
        var operation = (await PostAsync("moveFrom", "a/", "b/")).Operation!;
        var work = new FolderWork(Store, Operations, TimeProvider.System) { BatchObjects = 2, RoundTime = TimeSpan.Zero };
        Assert.True(await work.WorkAsync(operation.Id, Cancel));
        Assert.Equal(["a/1.csv=1", "a/2.csv=2", "b/1.csv=1", "b/2.csv=2"], await AllAsync());
        await PutAsync("a/1.csv", "newer");

        var done = await FinishAsync(operation, work);

        Assert.Equal((RunStatus.Failed, "PathConflict"), (done.Status, done.Error?.Code));
        Assert.Equal(["a/1.csv=newer", "b/1.csv=1", "b/2.csv=2"], (await AllAsync()).Where(name => name != "a/2.csv=2"));
    }

    [Fact]
    public async Task The_same_key_is_the_same_operation_also_when_it_is_done()
    {
        await PutAsync("a/1.csv", "1");
        var first = (await PostAsync("moveFrom", "a/", "b/", ("Idempotency-Key", "k"))).Operation!;
        await FinishAsync(first, Work(Store));

        Assert.Equal((first.Id, RunStatus.Succeeded), ((await PostAsync("moveFrom", "a/", "b/", ("Idempotency-Key", "k"))).Operation!.Id, (await Operations.GetAsync(LakeOperation.Partition, first.Id, Cancel)).Status));
        Assert.Equal("IdempotencyKeyReused", (await Assert.ThrowsAsync<TerminalException>(() => PostAsync("copyFrom", "b/", "c/", ("Idempotency-Key", "k")))).Code);
    }

    [Fact]
    public async Task An_object_is_copied_and_moved_under_conditions()
    {
        await PutAsync("a.json", "1");
        await PutAsync("b.json", "old");
        var old = (await Store.GetInfoAsync(At("b.json"), Cancel))!.ETag;

        Assert.Equal("ObjectExists", (await Assert.ThrowsAsync<TerminalException>(() => PostAsync("copyFrom", "a.json", "b.json", ("If-None-Match", "*")))).Code);
        Assert.Equal("ObjectChanged", (await Assert.ThrowsAsync<TerminalException>(() => PostAsync("moveFrom", "a.json", "b.json", ("If-Match", "\"0x1\"")))).Code);
        Assert.Equal(["a.json=1", "b.json=old"], await AllAsync());

        Assert.NotNull((await PostAsync("copyFrom", "a.json", "b.json", ("If-Match", $"\"{old}\""))).Answer);
        Assert.Equal(["a.json=1", "b.json=1"], await AllAsync());
        Assert.NotEqual(old, (await Store.GetInfoAsync(At("b.json"), Cancel))!.ETag);

        await PutAsync("a.json", "2");
        Assert.NotNull((await PostAsync("moveFrom", "a.json", "b.json")).Answer);
        Assert.NotNull((await PostAsync("moveFrom", "b.json", "c/d.json", ("If-None-Match", "*"))).Answer);
        Assert.Equal(["c/d.json=2"], await AllAsync());
        Assert.Equal("application/json", (await Store.GetInfoAsync(At("c/d.json"), Cancel))!.ContentType);
        Assert.Equal("ObjectNotFound", (await Assert.ThrowsAsync<TerminalException>(() => PostAsync("moveFrom", "a.json", "e.json"))).Code);
    }

    [Theory]
    [InlineData("read:lake/files/*", "write:lake/files/*", null)]
    [InlineData("read:lake/files/*", null, "write:lake/files/from/a.csv")]
    [InlineData("read:raw/*", "write:lake/files/*", "read:lake/files/from/a.csv")]
    public async Task A_source_takes_scopes_of_its_own(string read, string? write, string? missing)
    {
        Assert.NotNull(await Store.TryPutAsync(LakeAddress.Locate("files/from/a.csv"), "1"u8.ToArray(), PutCondition.None, null, Cancel));
        var caller = new Caller("k", [.. new[] { read, write }.OfType<string>()]);
        var posting = Transfers.PostAsync(Request(caller), $"{_home}/a.csv", """{"moveFrom": "files/from/a.csv"}"""u8.ToArray(), Cancel);
        if (missing is null)
            Assert.NotNull((await posting).Answer);
        else
            Assert.Contains($"'{missing}'", (await Assert.ThrowsAsync<TerminalException>(() => posting)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tables/orders/")]
    [InlineData("warehouse/facts/part.parquet")]
    [InlineData("raw/x/")]
    public async Task Nothing_is_moved_out_of_other_zones(string source)
    {
        var target = source.EndsWith('/') ? $"{_home}/t/" : $"{_home}/t";
        var failure = await Assert.ThrowsAsync<TerminalException>(() =>
            Transfers.PostAsync(Request(new Caller("k", ["admin"])), target, JsonSerializer.SerializeToUtf8Bytes(new { moveFrom = source }), Cancel));
        Assert.Equal("ZoneReadOnly", failure.Code);
    }

    [Theory]
    [InlineData(0, RunStatus.Canceled)]
    [InlineData(2, RunStatus.Canceled)]
    [InlineData(100, RunStatus.Succeeded)]
    public async Task A_move_that_is_canceled_stops_and_loses_nothing(int copies, RunStatus expected)
    {
        for (var i = 0; i < 10; i++)
            await PutAsync($"a/{i}.csv", $"{i}");
        var operation = (await PostAsync("moveFrom", "a/", "z/")).Operation!;
        var copied = 0;
        var store = new CopyingStore(Store, async () =>
        {
            if (copied++ == copies)
                await Operations.CancelAsync(LakeOperation.Partition, operation.Id, "me", Cancel);
        });
        if (copies == 0)
            await Operations.CancelAsync(LakeOperation.Partition, operation.Id, "me", Cancel);

        var done = await FinishAsync(operation, Work(store));

        Assert.Equal(expected, done.Status);
        var names = await AllAsync();
        for (var i = 0; i < 10; i++)
            Assert.Contains(names, name => name == $"{(expected == RunStatus.Succeeded ? "z" : "a")}/{i}.csv={i}");
        if (expected == RunStatus.Canceled)
        {
            Assert.Equal(("OperationCanceled", "me"), (done.Error!.Code, done.CancelRequested!.Caller));
            Assert.Equal(copies == 0 ? 0 : 3, done.Copied);
        }

        Assert.Equal("OperationHasEnded", (await Assert.ThrowsAsync<TerminalException>(() => Operations.CancelAsync(LakeOperation.Partition, operation.Id, "me", Cancel))).Code);
        Assert.Equal([operation.Id], (await Operations.ListAsync(LakeOperation.Partition, null, 1, Cancel)).Operations.Select(found => found.Id));
        Assert.Empty(await Operations.ListOverdueAsync(Cancel));
    }

    private sealed class CopyingStore(IObjectStore inner, Func<Task> copies) : WrappedObjectStore(inner)
    {
        public override async Task<ObjectInfo?> TryCopyAsync(LakePath source, string etag, LakePath target, PutCondition condition, CancellationToken cancellationToken)
        {
            lock (this)
                copies().GetAwaiter().GetResult();
            return await base.TryCopyAsync(source, etag, target, condition, cancellationToken);
        }
    }

    private OperationStore<LakeOperation> Operations => new(Rows.Rows, LakeOperation.RowTable, TimeProvider.System);

    private LakeTransfers Transfers => new(Store, new FlatDirectories(), Operations);

    private FolderWork Work(IObjectStore store) => new(store, Operations, TimeProvider.System) { BatchObjects = 3 };

    private static HttpRequest Request(Caller caller, params (string Name, string Value)[] headers)
    {
        var context = new DefaultHttpContext();
        Caller.Set(context, caller);
        foreach (var (name, value) in headers)
            context.Request.Headers[name] = value;
        return context.Request;
    }

    private Task<LakeChange> PostAsync(string verb, string source, string target, params (string Name, string Value)[] headers) =>
        Transfers.PostAsync(Request(new Caller("k", ["admin"]), headers), $"{_home}/{target}", Body(verb, $"{_home}/{source}"), Cancel);

    private Task<LakeChange> DeleteAsync(string target) => Transfers.DeleteFolderAsync(Request(new Caller("k", ["admin"])), $"{_home}/{target}", Cancel);

    private async Task<LakeOperation> RunAsync(string verb, string source, string target, bool absolute = false)
    {
        var change = await Transfers.PostAsync(
            Request(new Caller("k", ["admin"])), $"{_home}/{target}", Body(verb, absolute ? source : $"{_home}/{source}"), Cancel);
        return await FinishAsync(change.Operation!, Work(Store));
    }

    private async Task<LakeOperation> FinishAsync(LakeOperation operation, FolderWork work)
    {
        RunFailure? error = null;
        try
        {
            while (await work.WorkAsync(operation.Id, Cancel))
            {
                // Another round.
            }
        }
        catch (TerminalException failure)
        {
            error = new RunFailure(failure.Code, failure.Message);
        }

        await Operations.EndAsync(operation.Id, error, Cancel);
        return await Operations.GetAsync(LakeOperation.Partition, operation.Id, Cancel);
    }

    private static byte[] Body(string verb, string source) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { [verb] = source });

    private LakePath At(string name) => LakeAddress.Locate($"{_home}/{name}");

    private async Task PutAsync(string name, string content) =>
        Assert.NotNull(await Store.TryPutAsync(
            At(name),
            Encoding.UTF8.GetBytes(content),
            PutCondition.None,
            name.EndsWith("json", StringComparison.Ordinal) ? "application/json" : null,
            Cancel));

    private async Task<List<string>> AllAsync()
    {
        var all = new List<string>();
        await foreach (var info in Store.ListAsync(LakeAddress.Locate(_home), null, Cancel))
        {
            using var reader = new StreamReader(await Store.OpenReadAsync(info.Path, null, Cancel));
            all.Add($"{LakeAddress.Of(info.Path)[(_home.Length + 1)..]}={await reader.ReadToEndAsync(Cancel)}");
        }

        return all;
    }

    private sealed class DisturbedStore(IObjectStore inner, Func<LakePath, Task> beforeCopy) : WrappedObjectStore(inner)
    {
        public override async Task<ObjectInfo?> TryCopyAsync(
            LakePath source, string etag, LakePath target, PutCondition condition, CancellationToken cancellationToken)
        {
            await beforeCopy(source);
            return await base.TryCopyAsync(source, etag, target, condition, cancellationToken);
        }
    }
}
