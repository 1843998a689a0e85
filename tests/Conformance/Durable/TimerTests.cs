namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Durable timers.</summary>
public sealed class TimerTests(ConformanceHost host)
{
    [Fact]
    public async Task A_timer_lets_the_time_pass_on_a_clock_that_is_UTC()
    {
        var times = (await host.Durable.RunAsync("time_timer", 3)).OutputAs<TimerTimes>()!;
        Assert.Equal("Utc", times.Kind);
        Assert.InRange((times.After - times.Before).TotalSeconds, 2, 20); // the official host may be a second early
    }

    [Fact]
    public async Task A_timer_in_the_past_fires_at_once() =>
        Assert.Equal("\"at once\"", (await host.Durable.RunAsync("time_past")).Output);

    [Fact]
    public async Task A_timer_may_be_longer_than_a_storage_queue_can_wait()
    {
        var id = await host.Durable.StartRunningAsync("time_timer", TimeSpan.FromDays(40).TotalSeconds);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Equal("Running", (await host.Durable.FindAsync(id))!.Status);
        await host.Durable.TerminateAsync(id);
    }

    [Fact]
    public async Task A_cancelled_timer_does_not_keep_the_orchestration_alive() =>
        Assert.Equal("\"work first\"", (await host.Durable.RunAsync("time_canceled")).Output);

    private sealed record TimerTimes(DateTime Before, DateTime After, string Kind);
}
