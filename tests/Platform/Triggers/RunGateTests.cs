using DataPlatform.Catalog;
using DataPlatform.Operations;
using DataPlatform.TestKit;
using DataPlatform.Triggers;

namespace DataPlatform.Platform.Tests.Triggers;

/// <summary>Which of several runs of a pipeline may begin, and what follows from their ends.</summary>
public sealed class RunGateTests(AzuriteFixture azurite) : TriggerTest(azurite)
{
    [Fact]
    public async Task Runs_wait_for_one_another_in_the_order_in_which_they_were_asked_for()
    {
        var bed = await ProcessAsync();
        List<string> asked = [];
        for (var i = 0; i < 4; i++)
            asked.Add(await AskAsync(bed));

        List<string> begun = [];
        var next = asked[^1];
        for (var i = 0; i < 4; i++)
        {
            foreach (var run in asked.AsEnumerable().Reverse())
            {
                if (!begun.Contains(run) && await bed.TryBeginAsync(run))
                    begun.Add(run);
            }

            Assert.Equal(i + 1, begun.Count);
            Assert.True(await bed.TryBeginAsync(begun[^1]), "A second start of the activity goes on.");
            var following = await bed.EndAsync(begun[^1]);
            next = i < 3 ? Assert.Single(following).Id : null;
            Assert.Equal(i < 3 ? asked[i + 1] : null, next);
        }

        Assert.Equal(asked, begun);
        Assert.Empty(await bed.Runs.ListOpenAsync(Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_that_begin_at_once_in_several_processes_one_does(bool azure)
    {
        var name = Name("p");
        var processes = new[] { await ProcessAsync(azure), await ProcessAsync(azure), await ProcessAsync(azure) };
        List<string> asked = [];
        for (var i = 0; i < 6; i++)
            asked.Add(await AskAsync(processes[0], name: name));

        for (var round = 0; round < 6; round++)
        {
            var begun = await Task.WhenAll(asked.Select(async (run, i) =>
                (await processes[i % 3].Runs.GetAsync(run, Token)).Status == RunStatus.NotStarted && await processes[i % 3].TryBeginAsync(run) ? run : null));
            var run = Assert.Single(begun, started => started is not null);
            Assert.Equal(asked[round], run);
            await processes[round % 3].EndAsync(run!);
        }
    }

    [Fact]
    public async Task A_run_that_is_not_to_wait_is_canceled_and_says_why()
    {
        var bed = await ProcessAsync();
        var first = await AskAsync(bed, RunConcurrency.Skip);
        Assert.True(await bed.TryBeginAsync(first));
        var second = await AskAsync(bed, RunConcurrency.Skip);

        Assert.False(await bed.TryBeginAsync(second));

        var run = await bed.Runs.GetAsync(second, Token);
        Assert.Equal((RunStatus.Canceled, "RunSkipped"), (run.Status, run.Error!.Code));
        Assert.Contains(first, run.Error.Message, StringComparison.Ordinal);
        await bed.EndAsync(first);
        Assert.True(await bed.TryBeginAsync(await AskAsync(bed, RunConcurrency.Skip)));
    }

    [Fact]
    public async Task Parallel_runs_and_those_of_other_names_do_not_wait()
    {
        var bed = await ProcessAsync();
        Assert.True(await bed.TryBeginAsync(await AskAsync(bed, RunConcurrency.Parallel)));
        Assert.True(await bed.TryBeginAsync(await AskAsync(bed, RunConcurrency.Parallel)));
        Assert.True(await bed.TryBeginAsync(await AskAsync(bed)));
        Assert.True(await bed.TryBeginAsync(await AskAsync(bed, name: "p-other")));
    }

    [Theory]
    [InlineData("success", RunStatus.Succeeded, true)]
    [InlineData("success", RunStatus.Failed, false)]
    [InlineData("failure", RunStatus.Failed, true)]
    [InlineData("failure", RunStatus.Canceled, false)]
    [InlineData("end", RunStatus.Canceled, true)]
    [InlineData("end", RunStatus.Succeeded, true)]
    public async Task The_end_of_a_run_starts_those_that_follow_it_once(string on, RunStatus status, bool follows)
    {
        var bed = await ProcessAsync();
        await bed.PutPipelineAsync("p", "");
        await bed.PutPipelineAsync("q", $$"""{"after": ["p"], "on": "{{on}}"}""", steps: TriggerBed.Steps.Replace("out", "q_out", StringComparison.Ordinal));
        Clock.Advance(TimeSpan.FromSeconds(1));
        var run = await AskAsync(bed);
        Assert.True(await bed.TryBeginAsync(run));

        var next = await bed.EndAsync(run, status);
        var again = await bed.Get<RunSettlement>().SettleAsync(run, Token);

        Assert.Equal(follows ? 1 : 0, next.Count);
        Assert.Empty(again);
        Assert.All(next, follower => Assert.Equal(("q", run), (follower.Name, follower.Trigger!.After)));
    }

    [Fact]
    public async Task A_run_that_was_skipped_starts_nothing()
    {
        var bed = await ProcessAsync();
        await bed.PutPipelineAsync("p", "");
        await bed.PutPipelineAsync("q", """{"after": ["p"], "on": "end"}""", steps: TriggerBed.Steps.Replace("out", "q_out", StringComparison.Ordinal));
        Assert.True(await bed.TryBeginAsync(await AskAsync(bed, RunConcurrency.Skip)));
        var skipped = await AskAsync(bed, RunConcurrency.Skip);
        Assert.False(await bed.TryBeginAsync(skipped));

        Assert.Empty(await bed.Get<RunSettlement>().SettleAsync(skipped, Token));
    }

    [Fact]
    public async Task A_crash_at_any_write_after_the_end_leaves_one_follower()
    {
        for (var write = 1; ; write++)
        {
            var (p, q) = ($"p{write}", $"q{write}");
            var (dying, other) = (await ProcessAsync(), await ProcessAsync());
            await other.PutPipelineAsync(p, "", steps: TriggerBed.Steps.Replace("out", $"{p}_out", StringComparison.Ordinal));
            await other.PutPipelineAsync(q, $$"""{"after": ["{{p}}"]}""", steps: TriggerBed.Steps.Replace("out", $"{q}_out", StringComparison.Ordinal));
            Clock.Advance(TimeSpan.FromSeconds(1));
            var run = await AskAsync(other, name: p);
            Assert.True(await other.TryBeginAsync(run));
            await other.Runs.UpdateAsync(run, r => r with { Status = RunStatus.Succeeded, Ended = Clock.GetUtcNow() }, Token);

            dying.Rows.DiesAt = write;
            var before = await dying.Get<RunSettlement>().SettleAsync(run, Token);
            var crashed = dying.Rows.IsDead;
            Clock.Advance(TimeSpan.FromSeconds(20));
            List<Run> after = [.. await other.Get<RunUpkeep>().TurnAsync(Token)];
            Clock.Advance(TimeSpan.FromSeconds(20));
            after.AddRange(await other.Get<RunUpkeep>().TurnAsync(Token));

            var follower = Assert.Single(await other.RunsAsync(q));
            Assert.Contains(follower.Id, before.Concat(after).Select(next => next.Id));
            Assert.DoesNotContain(run, (await other.Runs.ListOpenAsync(Token)).Select(open => open.Mark.Id));
            if (!crashed)
                break;
            Assert.InRange(write, 1, 20);
        }
    }

    private async Task<string> AskAsync(TriggerBed bed, RunConcurrency concurrency = RunConcurrency.Queue, string name = "p")
    {
        var run = await bed.Runs.CreateAsync(new RunRequest(RunKind.Pipeline, name, 1, "ann") { Concurrency = concurrency }, Token);
        Clock.Advance(TimeSpan.FromMilliseconds(10));
        return run.Id;
    }
}
