namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>What stays the same when an orchestrator is replayed.</summary>
public sealed class ReplayTests(ConformanceHost host)
{
    [Fact]
    public async Task NewGuid_and_the_clock_give_the_same_at_each_replay()
    {
        var ended = await host.Durable.RunAsync("replay_values");
        var guids = await host.ObservedAsync($"{ended.Id}-guids");
        Assert.Equal(3, guids.Count); // one turn at first, one for each activity
        Assert.Single(guids.Select(note => note.Text).Distinct());
        Assert.Single((await host.ObservedAsync($"{ended.Id}-time")).Select(note => note.Text).Distinct());
        var later = (await host.ObservedAsync($"{ended.Id}-later-time")).Select(note => note.Text).Distinct();
        Assert.NotEqual((await host.ObservedAsync($"{ended.Id}-time"))[0].Text, Assert.Single(later));

        var values = ended.OutputAs<Guid[]>()!;
        Assert.Equal(3, values.Distinct().Count());
        Assert.All(values, value => Assert.Equal(5, value.Version));
        Assert.Equal($"{values[0]} {values[1]}", guids[0].Text);
    }

    [Fact]
    public async Task IsReplaying_is_true_for_what_has_happened()
    {
        var id = (await host.Durable.RunAsync("replay_values")).Id;
        Assert.Equal(["False", "True", "True"], (await host.ObservedAsync($"{id}-replaying-0")).Select(note => note.Text));
        Assert.Equal(["False", "True"], (await host.ObservedAsync($"{id}-replaying-1")).Select(note => note.Text));
        Assert.Equal(["False"], (await host.ObservedAsync($"{id}-replaying-2")).Select(note => note.Text));
    }

    [Fact]
    public async Task A_replay_safe_logger_writes_each_line_once()
    {
        var id = (await host.Durable.RunAsync("replay_logs")).Id;
        Assert.Equal(3, (await host.ObservedAsync($"{id}-plain")).Count);
        for (var step = 0; step < 3; step++)
            Assert.Single(await host.ObservedAsync($"{id}-line-{step}"));
    }
}
