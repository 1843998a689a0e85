using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using DataPlatform.Triggers;

namespace DataPlatform.Platform.Tests.Triggers;

/// <summary>One run for the changes of tables, gathered, and none for what changes no data.</summary>
public sealed class ChangeTriggersTests(AzuriteFixture azurite) : TriggerTest(azurite)
{
    private const string OnSource = """{"onChange": ["source"], "debounce": "PT10S"}""";

    [Fact]
    public async Task A_commit_starts_a_run_when_the_table_has_been_quiet()
    {
        var bed = await DefinedAsync();
        await bed.CommitAsync("source");

        Assert.Empty(await bed.TickAsync());
        Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(await bed.TickAsync());
        Clock.Advance(TimeSpan.FromSeconds(1));
        var run = Assert.Single(await bed.TickAsync());

        Assert.Equal(("p", "trigger", RunConcurrency.Queue), (run.Name, run.Caller, run.Concurrency));
        Assert.Equal([new("source", 2)], run.Trigger!.Changes!);
        await RunAsync(bed, run, 2);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await bed.TickAsync());
    }

    [Fact]
    public async Task Commits_before_the_definition_and_without_data_start_nothing()
    {
        var bed = await DefinedAsync();
        await bed.CommitAsync("source", dataChange: false);
        await QuietAsync(bed, 0);

        // Put before the table has data: its first commit counts.
        await bed.PutPipelineAsync("q", """{"onChange": ["later"]}""", steps: TriggerBed.Steps.Replace("out", "q_out", StringComparison.Ordinal));
        await bed.CommitAsync("later");
        await QuietAsync(bed, 1);
    }

    [Fact]
    public async Task A_steady_stream_of_commits_delays_a_run_by_twelve_debounces_at_most()
    {
        var bed = await DefinedAsync();
        var began = Clock.GetUtcNow();
        IReadOnlyList<Run> runs = [];
        while (runs.Count == 0)
        {
            await bed.CommitAsync("source");
            runs = await bed.TickAsync();
            if (runs.Count == 0)
                Clock.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(TimeSpan.FromSeconds(120), Clock.GetUtcNow() - began);
    }

    [Fact]
    public async Task Changes_during_a_run_wait_for_its_end_and_become_one_run()
    {
        var bed = await DefinedAsync();
        await bed.CommitAsync("source");
        var first = Assert.Single(await QuietAsync(bed, 1));
        Assert.True(await bed.TryBeginAsync(first.Id, ("source", 2)));
        await bed.CommitAsync("source");
        await QuietAsync(bed, 0);
        await bed.CommitAsync("source");
        await QuietAsync(bed, 0);
        await bed.EndAsync(first.Id);

        var second = Assert.Single(await QuietAsync(bed, 1));

        Assert.Equal([new("source", 4)], second.Trigger!.Changes!);
        await RunAsync(bed, second, 4);
        await QuietAsync(bed, 0);
    }

    [Fact]
    public async Task Changes_that_another_run_has_seen_start_none()
    {
        var bed = await DefinedAsync();
        await bed.CommitAsync("source");
        var asked = await bed.Runs.CreateAsync(new RunRequest(RunKind.Pipeline, "p", 1, "ann"), Token);
        await QuietAsync(bed, 0);
        await RunAsync(bed, asked, 2);
        await QuietAsync(bed, 0);

        // One that failed has not; nor has one that pinned less.
        await bed.CommitAsync("source");
        var failing = await bed.Runs.CreateAsync(new RunRequest(RunKind.Pipeline, "p", 1, "ann"), Token);
        Assert.True(await bed.TryBeginAsync(failing.Id, ("source", 3)));
        await bed.EndAsync(failing.Id, RunStatus.Failed);
        Assert.Single(await QuietAsync(bed, 1));
    }

    [Fact]
    public async Task A_run_that_fails_is_not_started_again_without_another_change()
    {
        var bed = await DefinedAsync();
        await bed.CommitAsync("source");
        var run = Assert.Single(await QuietAsync(bed, 1));
        await bed.EndAsync(run.Id, RunStatus.Failed);

        await QuietAsync(bed, 0);
        await bed.CommitAsync("source");
        await QuietAsync(bed, 1);
    }

    [Fact]
    public async Task Several_tables_become_one_run_and_one_that_is_made_anew_counts_as_a_whole()
    {
        var bed = await ProcessAsync();
        await bed.PutDatasetAsync("a");
        await bed.PutDatasetAsync("b");
        await bed.PutPipelineAsync("p", """{"onChange": ["a", "b"], "debounce": "PT10S"}""");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await bed.CommitAsync("a");
        await bed.CommitAsync("b");
        await bed.CommitAsync("b");

        var run = Assert.Single(await QuietAsync(bed, 1));

        Assert.Equal([new("a", 0), new("b", 1)], run.Trigger!.Changes!.OrderBy(change => change.Key));
    }

    [Fact]
    public async Task A_trigger_that_was_off_does_not_make_up_for_what_it_missed()
    {
        var bed = await DefinedAsync();
        await bed.PutPipelineAsync("p", """{"onChange": ["source"], "debounce": "PT10S", "enabled": false}""");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await bed.CommitAsync("source");
        await QuietAsync(bed, 0);
        await bed.PutPipelineAsync("p", OnSource);
        await QuietAsync(bed, 0);

        await bed.PutPipelineAsync("p", "");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await bed.CommitAsync("source");
        await QuietAsync(bed, 0);
        await bed.Get<CatalogStore>().DeleteAsync<PipelineDefinition>("p", etag: null, Token);
        await bed.CommitAsync("source");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await bed.PutPipelineAsync("p", OnSource);
        await QuietAsync(bed, 0);
        await bed.CommitAsync("source");
        await QuietAsync(bed, 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Three_schedulers_at_once_make_one_run(bool azure)
    {
        var (name, source) = (Name("p"), Name("source"));
        var processes = new[] { await ProcessAsync(azure), await ProcessAsync(azure), await ProcessAsync(azure) };
        await processes[0].PutDatasetAsync(source);
        await processes[0].PutPipelineAsync(
            name, $$"""{"onChange": ["{{source}}"], "debounce": "PT10S"}""", steps: TriggerBed.Steps.Replace("out", $"{name}_out", StringComparison.Ordinal));
        for (var round = 0; round < 5; round++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await processes[round % 3].CommitAsync(source);
            Clock.Advance(TimeSpan.FromSeconds(30));
            var stored = (await Task.WhenAll(processes.Select(process => process.TickAsync()))).SelectMany(runs => runs)
                .Concat(await processes[0].TickAsync())
                .Where(run => run.Name == name)
                .ToList();

            var run = Assert.Single(stored);
            await RunAsync(processes[1], run, round, source);
        }

        Assert.Equal(5, (await processes[0].RunsAsync(name)).Count);
    }

    [Fact]
    public async Task A_crash_at_any_write_leaves_one_run_also_when_more_is_committed_before_the_next_look()
    {
        for (var write = 1; ; write++)
        {
            var (name, source) = ($"p{write}", $"source{write}");
            var (dying, other) = (await ProcessAsync(), await ProcessAsync());
            await other.PutDatasetAsync(source);
            await other.PutPipelineAsync(
                name, $$"""{"onChange": ["{{source}}"], "debounce": "PT10S"}""", steps: TriggerBed.Steps.Replace("out", $"out{write}", StringComparison.Ordinal));
            Clock.Advance(TimeSpan.FromSeconds(1));
            await other.CommitAsync(source);
            Clock.Advance(TimeSpan.FromSeconds(11));

            dying.Rows.DiesAt = write;
            await dying.TickAsync();
            var crashed = dying.Rows.IsDead;
            await other.CommitAsync(source);
            Clock.Advance(TimeSpan.FromSeconds(11));
            for (var look = 0; look < 3; look++)
                await other.TickAsync();

            // Each commit is seen by one run: either one for both, or two that follow one another.
            var runs = (await other.RunsAsync(name)).Reverse().ToList();
            Assert.Single(runs);
            if (runs[0].Trigger!.Changes![source] == 0)
            {
                Assert.True(await other.TryBeginAsync(runs[0].Id, (source, 0)));
                await other.EndAsync(runs[0].Id);
                await other.TickAsync();
                runs = (await other.RunsAsync(name)).Reverse().ToList();
                Assert.Equal([0, 1], runs.Select(run => run.Trigger!.Changes![source]));
            }

            Clock.Advance(TimeSpan.FromSeconds(20));
            var scheduled = await other.Get<RunUpkeep>().TurnAsync(Token);
            Assert.Contains(runs[^1].Id, scheduled.Select(run => run.Id));
            await RunAsync(other, runs[^1], 1, source);
            await QuietAsync(other, 0);
            if (!crashed)
                break;
            Assert.InRange(write, 1, 20);
        }
    }

    [Fact]
    public async Task A_log_that_was_cut_off_before_anybody_looked_counts_as_changed()
    {
        var bed = await DefinedAsync();
        await bed.CommitAsync("source");
        await RunAsync(bed, Assert.Single(await QuietAsync(bed, 1)), 2);
        var table = bed.Get<DeltaTables>().Get(new TableName(TableKind.Dataset, "source"));
        for (var i = 0; i < 12; i++)
        {
            Clock.Advance(TimeSpan.FromHours(2));
            await bed.CommitAsync("source");
            await table.UpkeepIdle;
        }

        var other = await ProcessAsync();
        var cut = other.Get<DeltaTables>().Get(table.Name);
        var gone = await Assert.ThrowsAsync<TerminalException>(async () => await cut.ReadCommitsAsync(2, upTo: null, Token).ToListAsync(Token));
        Assert.Equal("TableVersionGone", gone.Code);

        var run = Assert.Single(await QuietAsync(other, 1));
        Assert.Equal([new("source", 14)], run.Trigger!.Changes!);
    }

    [Fact]
    public async Task A_cascade_goes_from_a_dataset_over_a_pipeline_into_a_mart()
    {
        var bed = await DefinedAsync();
        await bed.PutMartAsync("sums", "out", """{"onChange": ["out"], "debounce": "PT10S"}""");
        await bed.CommitAsync("source");
        var run = Assert.Single(await QuietAsync(bed, 1));
        Assert.True(await bed.TryBeginAsync(run.Id, ("source", 2)));
        await bed.CommitAsync(new TableName(TableKind.Warehouse, "out"));
        await bed.EndAsync(run.Id);

        var refresh = Assert.Single(await QuietAsync(bed, 1));

        Assert.Equal((RunKind.Refresh, "sums", 0L), (refresh.Kind, refresh.Name, refresh.Trigger!.Changes!["out"]));
    }

    [Fact]
    public async Task What_a_trigger_waits_for_is_told()
    {
        var bed = await DefinedAsync();
        await bed.PutPipelineAsync("p", OnSource + """, {"schedule": "0 6 * * *", "timeZone": "Europe/Berlin"}""");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await bed.CommitAsync("source");
        await bed.TickAsync();

        var told = await bed.Get<TriggerReader>().ReadAsync(await bed.Get<CatalogStore>().GetAsync<PipelineDefinition>("p", Token), Token);

        Assert.Equal(5, told.NextRuns.Count);
        Assert.Equal(told.NextRuns[0], told.Triggers[1].NextRun);
        Assert.Equal((2L, Clock.GetUtcNow().AddSeconds(10)), (told.Changes!.Tables["source"], told.Changes.StartsAt));
        Assert.Null(told.LastRun);
    }

    /// <summary>A pipeline <c>p</c> that watches a table <c>source</c> with two commits.</summary>
    private async Task<TriggerBed> DefinedAsync()
    {
        var bed = await ProcessAsync();
        await bed.PutDatasetAsync("source");
        await bed.CommitAsync("source");
        await bed.CommitAsync("source");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await bed.PutPipelineAsync("p", OnSource);
        Clock.Advance(TimeSpan.FromSeconds(1));
        return bed;
    }

    /// <summary>Looks twice, the second time when any debounce is over.</summary>
    private async Task<IReadOnlyList<Run>> QuietAsync(TriggerBed bed, int expected)
    {
        List<Run> runs = [.. await bed.TickAsync()];
        Clock.Advance(TimeSpan.FromSeconds(11));
        runs.AddRange(await bed.TickAsync());
        Assert.Equal(expected, runs.Count);
        return runs;
    }

    private static async Task RunAsync(TriggerBed bed, Run run, long version, string source = "source")
    {
        Assert.True(await bed.TryBeginAsync(run.Id, (source, version)));
        await bed.EndAsync(run.Id);
    }
}
