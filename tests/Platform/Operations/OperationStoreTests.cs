using DataPlatform.Failures;
using DataPlatform.Files;
using DataPlatform.Operations;
using DataPlatform.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Operations;

public sealed class OperationStoreTests : IDisposable
{
    private readonly TestStore _store = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly OperationStore<LakeOperation> _operations;

    public OperationStoreTests() => _operations = new OperationStore<LakeOperation>(_store.Rows, LakeOperation.RowTable, _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Work_under_way_ends_soon_after_somebody_asks_for_it()
    {
        var id = (await CreateAsync("a")).Id;
        await _operations.BeginAsync(id, Token);
        var work = _operations.WorkAsync(id, async cancel =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return 1;
        }, Token);

        await _operations.CancelAsync("a", id, "ann", Token);
        while (!work.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var failure = await Assert.ThrowsAsync<TerminalException>(() => work);
        Assert.Equal("OperationCanceled", failure.Code);
        Assert.Contains("'ann'", failure.Message, StringComparison.Ordinal);
        Assert.Equal("OperationCanceled", (await Assert.ThrowsAsync<TerminalException>(() => _operations.BeginAsync(id, Token))).Code);
        await _operations.EndAsync(id, new RunFailure(failure.Code, failure.Message), Token);
        Assert.Equal(RunStatus.Canceled, (await _operations.GetAsync("a", id, Token)).Status);
    }

    [Fact]
    public async Task Work_that_nobody_cancels_gives_its_result_or_its_failure()
    {
        var id = (await CreateAsync("a")).Id;

        Assert.Equal(7, await _operations.WorkAsync(id, _ => Task.FromResult(7), Token));
        await Assert.ThrowsAsync<TransientException>(() => _operations.WorkAsync<int>(id, _ => throw new TransientException("x"), Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _operations.WorkAsync<int>(id, _ => throw new OperationCanceledException(), Token));
    }

    [Fact]
    public async Task Operations_are_listed_and_found_in_their_partition_only()
    {
        List<string> ids = [];
        for (var i = 0; i < 3; i++)
        {
            ids.Insert(0, (await CreateAsync("a")).Id);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        var other = (await CreateAsync("b")).Id;
        var page = await _operations.ListAsync("a", null, 2, Token);
        var rest = await _operations.ListAsync("a", page.Next, 2, Token);

        Assert.Equal(ids, page.Operations.Concat(rest.Operations).Select(operation => operation.Id));
        Assert.Null(rest.Next);
        foreach (var id in new[] { other, "a-x", "", "_open" })
            Assert.Equal("OperationNotFound", (await Assert.ThrowsAsync<TerminalException>(() => _operations.GetAsync("a", id, Token))).Code);
        Assert.Equal("OperationNotFound", (await Assert.ThrowsAsync<TerminalException>(() => _operations.CancelAsync("a", other, "ann", Token))).Code);
    }

    private Task<LakeOperation> CreateAsync(string partition) => _operations.CreateAsync(
        partition, "me", key: null, "request",
        (id, now) => new LakeOperation(LakeOperationKind.Delete, null, "files/x/") { Id = id, Caller = "me", Created = now },
        Token);
}
