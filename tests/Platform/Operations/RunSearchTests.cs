using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Operations;

public sealed class RunSearchTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 0, 0, TimeSpan.Zero);

    private readonly TestStore _store = new();
    private readonly FakeTimeProvider _clock = new(Start);
    private readonly RunStore _runs;
    private readonly RunIndex _index;
    private readonly RunSearch _search;

    public RunSearchTests()
    {
        _runs = new RunStore(_store.Rows, _clock);
        _index = new RunIndex(_store.Rows);
        _search = new RunSearch(_runs, _index);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_combination_of_filters_finds_its_runs_page_by_page_whether_settled_or_not()
    {
        List<Run> all = [];
        for (var i = 0; i < 60; i++)
        {
            var run = await CreateAsync(i);
            if (i % 3 != 0)
                run = await _runs.UpdateAsync(run.Id, r => r with { Status = i % 3 == 1 ? RunStatus.Succeeded : RunStatus.Failed, Ended = _clock.GetUtcNow() }, Token);
            if (run.HasEnded && i < 50)
                await SettleAsync(run);
            all.Insert(0, run);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        var times = new (DateTimeOffset?, DateTimeOffset?)[] { (null, null), (Start.AddMinutes(10), Start.AddMinutes(40)), (Start.AddMinutes(45), null) };
        foreach (var (from, to) in times)
        {
            foreach (var status in (RunStatus?[])[null, RunStatus.NotStarted, RunStatus.Succeeded, RunStatus.Failed, RunStatus.Canceled])
            {
                foreach (var cause in (RunCause?[])[null, RunCause.Request, RunCause.Schedule])
                {
                    foreach (var (kind, name) in ((RunKind?, string?)[])[(null, null), (RunKind.Pipeline, "p"), (RunKind.Refresh, "p"), (RunKind.Refresh, "m")])
                    {
                        var expected = all.Where(run => (kind is null || run.Kind == kind) && (name is null || run.Name == name)
                            && (status is null || run.Status == status) && (cause is null || run.Trigger is null == (cause == RunCause.Request))
                            && (from is null || run.Created >= from) && (to is null || run.Created < to));
                        Assert.Equal(expected.Select(run => run.Id), await AllAsync(new RunFilter(kind, name, status, cause, from, to)));
                    }
                }
            }
        }
    }

    [Fact]
    public async Task A_page_reads_no_more_rows_than_it_shows_however_many_runs_there_are()
    {
        for (var i = 0; i < 300; i++)
        {
            var run = await CreateAsync(1);
            await SettleAsync(await _runs.UpdateAsync(run.Id, r => r with { Status = i == 7 ? RunStatus.Failed : RunStatus.Succeeded }, Token));
        }

        var counting = new CountingRows(_store.Rows);
        var search = new RunSearch(new RunStore(counting, _clock), new RunIndex(counting));
        var page = await search.FindAsync(new RunFilter(Status: RunStatus.Failed), after: null, top: 10, Token);
        var newest = await search.FindAsync(new RunFilter(), after: null, top: 10, Token);

        Assert.Single(page.Runs);
        Assert.Equal(10, newest.Runs.Count);
        Assert.InRange(counting.Read, 12, 30);
    }

    [Fact]
    public async Task What_is_no_cursor_is_refused() => Assert.Equal(
        "InvalidQueryOption", (await Assert.ThrowsAsync<TerminalException>(() => _search.FindAsync(new RunFilter(), "nonsense", 10, Token))).Code);

    public void Dispose() => _store.Dispose();

    private async Task SettleAsync(Run run)
    {
        await _index.AddAsync(run, Token);
        await _index.AddAsync(run, Token);
        await _runs.CloseAsync(run.Id, Token);
    }

    private async Task<Run> CreateAsync(int number)
    {
        var request = number % 4 < 3 ? new RunRequest(RunKind.Pipeline, number % 4 == 0 ? "p" : "q", 1, "ann") : new RunRequest(RunKind.Refresh, "m", 1, "ann");
        return number % 5 == 0
            ? (await _runs.TryCreateAsync(request, new RunTrigger { Due = _clock.GetUtcNow() }, RunId.Derive(request.Name, _clock.GetUtcNow(), "due"), Token))!
            : await _runs.CreateAsync(request, Token);
    }

    private async Task<IReadOnlyList<string>> AllAsync(RunFilter filter)
    {
        List<string> ids = [];
        string? after = null;
        do
        {
            var page = await _search.FindAsync(filter, after, top: 7, Token);
            Assert.InRange(page.Runs.Count, page.Next is null ? 0 : 7, 7);
            ids.AddRange(page.Runs.Select(run => run.Id));
            after = page.Next;
        }
        while (after is not null);
        return ids;
    }
}
