using System.Text;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.TestKit;
using DataPlatform.Triggers;

namespace DataPlatform.Platform.Tests.Triggers;

/// <summary>One run for each due time, however many schedulers look and whenever they do.</summary>
public sealed class ScheduleTriggersTests(AzuriteFixture azurite) : TriggerTest(azurite)
{
    private const string Hourly = """{"schedule": "0 * * * *"}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Three_schedulers_make_one_run_for_a_due_time_also_the_one_that_is_late(bool azure)
    {
        var name = Name("p");
        var processes = new[] { await ProcessAsync(azure), await ProcessAsync(azure), await ProcessAsync(azure) };
        await processes[0].PutPipelineAsync(name, Hourly, steps: StepsOf(name));

        for (var hour = 11; hour <= 13; hour++)
        {
            Clock.SetUtcNow(new DateTimeOffset(2026, 3, 2, hour, 0, 1, TimeSpan.Zero));
            var late = await ReadAsync(processes[2], name);
            var stored = await Task.WhenAll(processes[0].TickAsync(), processes[1].TickAsync());
            var run = Assert.Single(stored.SelectMany(runs => runs), run => run.Name == name);
            Assert.True(await processes[1].TryBeginAsync(run.Id));
            await processes[1].EndAsync(run.Id);

            // The third read its state before the others stored anything, and goes on ten seconds after the run has ended.
            var then = Clock.GetUtcNow();
            Clock.Advance(TimeSpan.FromSeconds(10));
            var (_, again) = await processes[2].Get<ScheduleTriggers>().EvaluateAsync(late.Definition, late.State, then, Token);
            Assert.Empty(again);
            Assert.DoesNotContain(await processes[2].TickAsync(), other => other.Name == name);
        }

        var all = await processes[0].RunsAsync(name);
        Assert.Equal([13, 12, 11], all.Select(run => run.Trigger!.Due!.Value.Hour));
        Assert.All(all, run => Assert.Equal(("trigger", RunStatus.Succeeded), (run.Caller, run.Status)));
    }

    /// <summary>A row that cannot be read, and one that can but says nonsense: each stops its own pipeline at the most.</summary>
    [Fact]
    public async Task Damage_of_one_pipeline_stops_no_other()
    {
        var process = await ProcessAsync();
        foreach (var name in new[] { "a_row", "b_state", "c_sound" })
            await process.PutPipelineAsync(name, Hourly, steps: StepsOf(name));
        Clock.SetUtcNow(new DateTimeOffset(2026, 3, 2, 11, 0, 1, TimeSpan.Zero));
        Assert.Equal(3, (await process.TickAsync()).Count);

        var run = Assert.Single(await process.RunsAsync("a_row"));
        var rows = process.Get<IRowStore>();
        await rows.UpsertAsync("runs", RunId.TryGetKey(run.Id)!.Value, "{"u8.ToArray(), Token);
        var state = (await rows.QueryAsync("triggers", "state", null, null, Token).ToListAsync(Token)).Single(row => row.Key.Id.EndsWith("-b_state", StringComparison.Ordinal));
        var nonsense = JsonNode.Parse(state.Value.Span)!;
        nonsense["decided"] = new JsonObject { ["id"] = null };
        await rows.UpsertAsync("triggers", state.Key, Encoding.UTF8.GetBytes(nonsense.ToJsonString()), Token);
        Clock.SetUtcNow(new DateTimeOffset(2026, 3, 2, 12, 0, 10, TimeSpan.Zero));

        Assert.Contains(await process.TickAsync(), next => next.Name == "c_sound");
        Assert.Contains(await process.Get<RunUpkeep>().TurnAsync(Token), next => next.Name == "c_sound");
        Assert.Contains((await process.Runs.ListOpenAsync(Token)), open => open.Mark.Id == (open.Run?.Id ?? "") && open.Run!.Name == "c_sound");
    }

    [Fact]
    public async Task A_crash_at_any_write_leaves_one_run_which_is_scheduled()
    {
        for (var write = 1; ; write++)
        {
            var name = $"p{write}";
            var (dying, other) = (await ProcessAsync(), await ProcessAsync());
            await other.PutPipelineAsync(name, Hourly, steps: StepsOf(name));
            var due = new DateTimeOffset(2026, 3, 3, write, 0, 0, TimeSpan.Zero);
            Clock.SetUtcNow(due);

            dying.Rows.DiesAt = write;
            await dying.TickAsync();
            var crashed = dying.Rows.IsDead;
            Clock.Advance(TimeSpan.FromSeconds(20));
            await other.TickAsync();
            var scheduled = await other.Get<RunUpkeep>().TurnAsync(Token);

            var run = Assert.Single(await other.RunsAsync(name));
            Assert.Equal(due, run.Trigger!.Due);
            if (crashed && scheduled.Count == 0)
            {
                // Another's mark is a moment old: the next turn.
                Clock.Advance(TimeSpan.FromSeconds(20));
                scheduled = await other.Get<RunUpkeep>().TurnAsync(Token);
            }

            Assert.Contains(run.Id, scheduled.Select(next => next.Id));
            Assert.True(await other.TryBeginAsync(run.Id));
            await other.EndAsync(run.Id);
            Assert.DoesNotContain(run.Id, (await other.Get<RunUpkeep>().TurnAsync(Token)).Select(next => next.Id));
            await other.Get<CatalogStore>().DeleteAsync<PipelineDefinition>(name, etag: null, Token);
            if (!crashed)
                break;
            Assert.InRange(write, 1, 20);
        }
    }

    [Fact]
    public async Task There_is_no_run_for_due_times_before_the_definition_or_after_its_end()
    {
        var bed = await ProcessAsync();
        Clock.SetUtcNow(new DateTimeOffset(2026, 3, 2, 10, 30, 0, TimeSpan.Zero));
        await bed.PutPipelineAsync("p", Hourly);
        Assert.Empty(await bed.TickAsync());

        // Changed at 11:10, before anybody looked at 11:00.
        Clock.SetUtcNow(new DateTimeOffset(2026, 3, 2, 11, 10, 0, TimeSpan.Zero));
        await bed.PutPipelineAsync("p", """{"schedule": "5 * * * *", "catchUp": "all"}""");
        Assert.Empty(await bed.TickAsync());
        Clock.SetUtcNow(new DateTimeOffset(2026, 3, 2, 13, 6, 0, TimeSpan.Zero));
        Assert.Equal([12, 13], (await bed.TickAsync()).Select(run => run.Trigger!.Due!.Value.Hour));

        await bed.PutPipelineAsync("p", """{"schedule": "5 * * * *", "enabled": false}""");
        Clock.SetUtcNow(new DateTimeOffset(2026, 3, 2, 15, 6, 0, TimeSpan.Zero));
        Assert.Empty(await bed.TickAsync());
        await bed.PutPipelineAsync("p", """{"schedule": "5 * * * *", "catchUp": "all"}""");
        Assert.Empty(await bed.TickAsync());
        await bed.Get<CatalogStore>().DeleteAsync<PipelineDefinition>("p", etag: null, Token);
        Clock.SetUtcNow(new DateTimeOffset(2026, 3, 2, 18, 6, 0, TimeSpan.Zero));
        Assert.Empty(await bed.TickAsync());
        await bed.PutPipelineAsync("p", """{"schedule": "5 * * * *", "catchUp": "all"}""");
        Assert.Empty(await bed.TickAsync());
    }

    [Fact]
    public async Task A_mart_and_a_pipeline_of_one_name_and_two_schedules_of_one_time_each_run_once()
    {
        var bed = await ProcessAsync();
        await bed.PutPipelineAsync("same", """{"schedule": "0 * * * *"}, {"schedule": "*/30 * * * *"}""");
        await bed.PutMartAsync("same", "out", Hourly);
        Clock.Advance(TimeSpan.FromHours(1));

        await bed.TickAsync();

        Assert.Single(await bed.RunsAsync("same"));
        Assert.Single(await bed.RunsAsync("same", RunKind.Refresh));
    }

    private static string StepsOf(string name) => TriggerBed.Steps.Replace("\"out\"", $"\"{name}_out\"", StringComparison.Ordinal);

    private static async Task<(TriggeredDefinition Definition, TriggerState State)> ReadAsync(TriggerBed bed, string name)
    {
        var definition = TriggeredDefinition.Of(await bed.Get<CatalogStore>().GetAsync<PipelineDefinition>(name, Token));
        return (definition, (await bed.Get<TriggerStates>().ReadAsync(definition, Token)).State);
    }
}
