using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Operations;

public sealed class RunStoreTests : IDisposable
{
    private readonly TestStore _store = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly RunStore _runs;

    public RunStoreTests() => _runs = new RunStore(_store.Rows, _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_key_of_the_same_caller_is_the_same_run()
    {
        var first = await CreateAsync("flights-enriched", "k", "ann");
        var again = await CreateAsync("flights-enriched", "k", "ann");
        var other = await CreateAsync("flights-enriched", "k", "bob");
        var without = await CreateAsync("flights-enriched");

        Assert.StartsWith("flights-enriched-20260102030405000-", first.Id, StringComparison.Ordinal);
        Assert.Equal(first.Id, again.Id);
        Assert.Equal(3, new[] { first.Id, other.Id, without.Id }.Distinct().Count());
    }

    [Fact]
    public async Task A_run_is_open_until_it_is_closed()
    {
        var (settled, ended) = (await CreateAsync("p"), await CreateAsync("p"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var waiting = await CreateAsync("p");
        await _runs.CloseAsync(settled.Id, Token);
        await _runs.UpdateAsync(ended.Id, run => run with { Status = RunStatus.Failed }, Token);

        var open = await _runs.ListOpenAsync(Token);

        Assert.Equal([(ended.Id, true), (waiting.Id, false)], open.Select(o => (o.Mark.Id, o.Run!.HasEnded)));
        Assert.Empty(await _runs.ListOpenAsync(RunKind.Refresh, "p", Token));
    }

    [Fact]
    public async Task More_than_a_hundred_waiting_runs_are_refused_but_not_the_repeat_of_one()
    {
        var first = await CreateAsync("p", "k");
        for (var i = 1; i < RunStore.MaxWaiting; i++)
            await CreateAsync("p");

        var refused = await Assert.ThrowsAsync<TerminalException>(() => CreateAsync("p"));
        var late = await _runs.TryCreateAsync(
            new RunRequest(RunKind.Pipeline, "p", 1, "trigger"), new RunTrigger { Due = _clock.GetUtcNow() }, RunId.Derive("p", _clock.GetUtcNow(), "x"), Token);

        Assert.Equal(("RunQueueFull", true), (refused.Code, refused.RetryAfter is not null));
        Assert.Equal(first.Id, (await CreateAsync("p", "k")).Id);
        Assert.Equal((RunStatus.Canceled, "RunQueueFull"), (late!.Status, late.Error!.Code));
        Assert.NotEmpty((await CreateAsync("q")).Id);
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_page_by_page()
    {
        List<string> ids = [];
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await CreateAsync("p")).Id);
            await CreateAsync("p-other");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        var first = await _runs.ListAsync(RunKind.Pipeline, "p", after: null, top: 3, Token);
        var second = await _runs.ListAsync(RunKind.Pipeline, "p", first.Next, top: 3, Token);

        Assert.Equal(Enumerable.Reverse(ids), first.Runs.Concat(second.Runs).Select(run => run.Id));
        Assert.Null(second.Next);
        Assert.Empty((await _runs.ListAsync(RunKind.Refresh, "p", after: null, top: 3, Token)).Runs);
    }

    [Fact]
    public async Task Changes_at_the_same_time_are_all_kept()
    {
        var run = await CreateAsync("p");
        await _runs.UpdateAsync(run.Id, r => r with { Steps = [new RunStep { Name = "s", Target = "t" }] }, Token);

        await Parallel.ForAsync(0, 20, Token, async (i, token) => await _runs.UpdateAsync(
            run.Id, r => r with { Steps = [r.Steps[0] with { GroupsDone = [.. r.Steps[0].GroupsDone, i] }] }, token));

        Assert.Equal(20, (await _runs.GetAsync(run.Id, Token)).Steps[0].GroupsDone.Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("p-20260102030405000-0123456z")]
    [InlineData("p-20260102030405000-01234567")]
    [InlineData("../p-20260102030405000-01234567")]
    public async Task An_unknown_run_is_not_found(string id) =>
        Assert.Equal("RunNotFound", (await Assert.ThrowsAsync<TerminalException>(() => _runs.GetAsync(id, Token))).Code);

    public void Dispose() => _store.Dispose();

    private Task<Run> CreateAsync(string name, string? key = null, string caller = "ann") =>
        _runs.CreateAsync(new RunRequest(RunKind.Pipeline, name, 1, caller, key), Token);
}
