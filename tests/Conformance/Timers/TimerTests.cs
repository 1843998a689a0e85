using System.Globalization;

namespace DataPlatform.Conformance.Tests.Timers;

/// <summary>Timer functions; the app notes each run under the function's name.</summary>
public sealed class TimerTests(ConformanceHost host)
{
    [Fact]
    public async Task A_schedule_fires_again_and_again_with_its_interval_between()
    {
        // A busy machine may be late, so only the average counts.
        var runs = await host.ObservedAsync("timers_often", 4);
        Assert.True(runs[^1].At - runs[0].At >= TimeSpan.FromSeconds(2) * (runs.Count - 2), $"{runs.Count} runs from {runs[0].At:o} to {runs[^1].At:o}");
    }

    [Fact]
    public async Task A_schedule_below_a_minute_is_not_monitored() =>
        Assert.Equal("unmonitored", (await host.ObservedAsync("timers_often", 1))[0].Text);

    [Fact]
    public async Task RunOnStartup_runs_once_at_start_with_the_status_of_the_schedule()
    {
        var run = Assert.Single(await host.ObservedAsync("timers_at_start", 1));
        var parts = run.Text.Split(' ');
        Assert.Equal("False", parts[0]);
        var next = DateTime.Parse(parts[1], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        Assert.Equal((1, 1, 0), (next.Month, next.Day, next.Hour));
        Assert.True(next > run.At.UtcDateTime);
        Assert.True(DateTime.Parse(parts[2], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) < run.At.UtcDateTime); // 0001 at first
    }

    [Fact]
    public async Task Without_UseMonitor_there_is_no_status() =>
        Assert.Equal("unmonitored", Assert.Single(await host.ObservedAsync("timers_unmonitored", 1)).Text);

    [Fact]
    public async Task A_fixed_delay_retry_runs_so_often_more_and_counts()
    {
        var runs = await host.ObservedAsync("timers_fixed_retry", 3);
        Assert.Equal(["0", "1", "2"], runs.Select(run => run.Text));
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At >= TimeSpan.FromSeconds(0.9)));
    }

    [Fact]
    public async Task An_exponential_retry_ends_with_success()
    {
        await host.ObservedAsync("timers_fixed_retry", 3);
        var runs = await host.ObservedAsync("timers_backoff_retry", 3);
        Assert.Equal(["0", "1", "2"], runs.Select(run => run.Text));
    }

    [Fact]
    public async Task Runs_of_one_timer_never_overlap()
    {
        var notes = await host.ObservedAsync("timers_long", 6);
        Assert.Equal(["began", "ended", "began", "ended", "began", "ended"], notes.Take(6).Select(note => note.Text));
    }
}
