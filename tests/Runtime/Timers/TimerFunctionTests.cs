using System.Threading.Channels;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Tests.Timers;

public sealed class TimerFunctionTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);

    public sealed class Runs
    {
        public Channel<(TimerInfo Info, DateTime At, int Retry)> Seen { get; } = Channel.CreateUnbounded<(TimerInfo, DateTime, int)>();

        public Func<int, Task> Behaviour { get; set; } = _ => Task.CompletedTask;

        public int Count { get; set; }

        public async Task<(TimerInfo Info, DateTime At, int Retry)> NextAsync()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            return await Seen.Reader.ReadAsync(limit.Token);
        }

        public async Task RunAsync(TimerInfo info, TimeProvider clock, FunctionContext context)
        {
            await Seen.Writer.WriteAsync((info, clock.GetUtcNow().UtcDateTime, context.RetryContext?.RetryCount ?? -1));
            await Behaviour(Count++);
        }
    }

    public sealed class Hourly(Runs runs, TimeProvider clock)
    {
        [Function("hourly")]
        public Task Run([TimerTrigger("0 0 * * * *")] TimerInfo info, FunctionContext context) => runs.RunAsync(info, clock, context);
    }

    public sealed class Often(Runs runs, TimeProvider clock)
    {
        [Function("often")]
        public Task Run([TimerTrigger("%Often%", RunOnStartup = true, UseMonitor = false)] TimerInfo info, FunctionContext context) => runs.RunAsync(info, clock, context);
    }

    public sealed class Waiting(Runs runs, TimeProvider clock)
    {
        [Function("waiting")]
        public async Task Run([TimerTrigger("0 0 * * * *", RunOnStartup = true)] TimerInfo info, FunctionContext context, CancellationToken cancellationToken)
        {
            await runs.RunAsync(info, clock, context);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    public sealed class Retried(Runs runs, TimeProvider clock)
    {
        [Function("retried"), FixedDelayRetry(2, "00:00:07")]
        public Task Run([TimerTrigger("0 0 * * * *")] TimerInfo info, FunctionContext context) => runs.RunAsync(info, clock, context);
    }

    public sealed class Wrong
    {
        [Function("bad_schedule")]
        public void Schedule([TimerTrigger("nonsense")] TimerInfo info)
        {
        }

        [Function("bad_bounds"), ExponentialBackoffRetry(-1, "00:10:00", "00:01:00")]
        public void Bounds([TimerTrigger("0 0 * * * *")] TimerInfo info)
        {
        }

        [Function("bad_parameter"), ExponentialBackoffRetry(-2, "soon", "00:01:00")]
        public void Parameter([TimerTrigger("0 0 * * * *")] string info)
        {
        }
    }

    [Fact]
    public async Task A_timer_runs_at_its_times_one_run_after_the_other()
    {
        var clock = new SignalingClock(Start);
        await using var host = await StartAsync(typeof(Hourly), clock);
        await clock.WaitedForAsync(TimeSpan.FromSeconds(59 * 60 + 30));
        clock.Advance(TimeSpan.FromSeconds(59 * 60 + 30));
        var first = await host.Get<Runs>().NextAsync();
        Assert.Equal(new DateTime(2026, 3, 1, 13, 0, 0), first.At);
        Assert.False(first.Info.IsPastDue);
        Assert.Equal(default, first.Info.ScheduleStatus!.Last);
        Assert.Equal(new DateTime(2026, 3, 1, 13, 0, 0), first.Info.ScheduleStatus.Next);

        await clock.WaitedForAsync(TimeSpan.FromHours(1));
        clock.Advance(TimeSpan.FromHours(1));
        var second = await host.Get<Runs>().NextAsync();
        Assert.Equal(new DateTime(2026, 3, 1, 13, 0, 0), second.Info.ScheduleStatus!.Last);
        Assert.Equal(new DateTime(2026, 3, 1, 14, 0, 0), second.Info.ScheduleStatus.Next);
    }

    [Fact]
    public async Task A_status_that_cannot_be_stored_is_told_and_the_timer_goes_on()
    {
        using var state = new TempFolder();
        Directory.CreateDirectory(state.File("timers/hourly.json")); // stands where the file is to be
        var clock = new SignalingClock(Start);
        await using var host = await StartAsync(typeof(Hourly), clock, state.Path);
        for (var run = 0; run < 2; run++)
        {
            var wait = run == 0 ? TimeSpan.FromSeconds(59 * 60 + 30) : TimeSpan.FromHours(1);
            await clock.WaitedForAsync(wait);
            clock.Advance(wait);
            await host.Get<Runs>().NextAsync();
        }

        Assert.Contains(host.Logs.Entries, entry => entry.Message.StartsWith("The schedule status of timer function hourly could not be stored", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Times_that_pass_during_a_run_are_made_up_for_by_one_run_at_once()
    {
        var clock = new SignalingClock(Start);
        await using var host = await StartAsync(typeof(Hourly), clock, hostJson: """{"version":"2.0","functionTimeout":"-1"}""");
        var gate = new TaskCompletionSource();
        host.Get<Runs>().Behaviour = count => count == 0 ? gate.Task : Task.CompletedTask;
        await clock.WaitedForAsync(TimeSpan.FromSeconds(59 * 60 + 30));
        clock.Advance(TimeSpan.FromSeconds(59 * 60 + 30));
        Assert.Equal(-1, (await host.Get<Runs>().NextAsync()).Retry); // no RetryContext without a retry attribute
        clock.Advance(TimeSpan.FromMinutes(130));
        gate.SetResult();
        var (info, at, _) = await host.Get<Runs>().NextAsync();
        Assert.Equal((new DateTime(2026, 3, 1, 15, 10, 0), false), (at, info.IsPastDue));
        Assert.Equal(new DateTime(2026, 3, 1, 14, 0, 0), info.ScheduleStatus!.Next);
        await clock.WaitedForAsync(TimeSpan.FromMinutes(50));
        clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal(new DateTime(2026, 3, 1, 16, 0, 0), (await host.Get<Runs>().NextAsync()).At);
    }

    [Fact]
    public async Task A_failure_is_told_in_full_once_and_its_end_is_told()
    {
        var clock = new SignalingClock(Start);
        await using var host = await StartAsync(typeof(Hourly), clock);
        host.Get<Runs>().Behaviour = count => count switch
        {
            < 3 => throw new InvalidOperationException("no storage"),
            3 => throw new InvalidOperationException("another reason"),
            _ => Task.CompletedTask,
        };
        var wait = TimeSpan.FromSeconds(59 * 60 + 30);
        for (var run = 0; run < 6; run++)
        {
            await clock.WaitedForAsync(wait);
            clock.Advance(wait);
            await host.Get<Runs>().NextAsync();
            wait = TimeSpan.FromHours(1);
        }

        Assert.Equal(
            [
                "Timer function hourly failed.",
                "Timer function hourly failed as before (InvalidOperationException), 2 times in a row now.",
                "Timer function hourly failed as before (InvalidOperationException), 3 times in a row now.",
                "Timer function hourly failed.",
                "Timer function hourly works again after 4 failures.",
            ],
            host.Logs.Entries.Select(e => e.Message).Where(m => m.StartsWith("Timer function hourly", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_run_is_told_of_the_shutdown_by_its_token()
    {
        var clock = new SignalingClock(Start);
        await using var host = await StartAsync(typeof(Waiting), clock);
        await host.Get<Runs>().NextAsync();
        await host.Host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, host.Get<Runs>().Count);
    }

    [Fact]
    public async Task A_missed_time_is_made_up_for_at_the_next_start()
    {
        var folder = new TempFolder();
        var kept = folder.File("state");
        await using (var host = await StartAsync(typeof(Hourly), new SignalingClock(Start), kept))
        {
            await host.Get<SignalingClock>().WaitedForAsync(TimeSpan.FromSeconds(59 * 60 + 30));
        }

        await using (var host = await StartAsync(typeof(Hourly), new SignalingClock(Start.AddHours(3)), kept))
        {
            var run = await host.Get<Runs>().NextAsync();
            Assert.True(run.Info.IsPastDue);
            Assert.Equal(new DateTime(2026, 3, 1, 13, 0, 0), run.Info.ScheduleStatus!.Next);
            await host.Get<SignalingClock>().WaitedForAsync(TimeSpan.FromSeconds(59 * 60 + 30));
        }

        await using (var host = await StartAsync(typeof(Hourly), new SignalingClock(Start.AddHours(3).AddMinutes(1)), kept))
        {
            await host.Get<SignalingClock>().WaitedForAsync(TimeSpan.FromSeconds(58 * 60 + 30));
            Assert.Equal(0, host.Get<Runs>().Count);
        }

        folder.Dispose();
    }

    [Fact]
    public async Task RunOnStartup_and_a_setting_as_schedule_without_monitor()
    {
        var clock = new SignalingClock(Start);
        await using var host = await StartAsync(typeof(Often), clock);
        var first = await host.Get<Runs>().NextAsync();
        Assert.Equal(Start.UtcDateTime, first.At);
        Assert.Null(first.Info.ScheduleStatus);
        await clock.WaitedForAsync(TimeSpan.FromSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Start.UtcDateTime.AddSeconds(10), (await host.Get<Runs>().NextAsync()).At);
    }

    [Fact]
    public async Task A_failing_run_is_retried_as_the_attribute_says_and_the_schedule_goes_on()
    {
        var clock = new SignalingClock(Start);
        await using var host = await StartAsync(typeof(Retried), clock);
        host.Get<Runs>().Behaviour = count => count < 3 ? throw new InvalidOperationException("no") : Task.CompletedTask;
        await clock.WaitedForAsync(TimeSpan.FromSeconds(59 * 60 + 30));
        clock.Advance(TimeSpan.FromSeconds(59 * 60 + 30));
        Assert.Equal(0, (await host.Get<Runs>().NextAsync()).Retry);
        for (var retry = 1; retry <= 2; retry++)
        {
            await clock.WaitedForAsync(TimeSpan.FromSeconds(7));
            clock.Advance(TimeSpan.FromSeconds(7));
            Assert.Equal(retry, (await host.Get<Runs>().NextAsync()).Retry);
        }

        await clock.WaitedForAsync(TimeSpan.FromSeconds(59 * 60 + 46));
        clock.Advance(TimeSpan.FromSeconds(59 * 60 + 46));
        Assert.Equal(0, (await host.Get<Runs>().NextAsync()).Retry);
        Assert.Contains(host.Logs.Entries, e => e.Message == "Timer function retried failed.");
    }

    [Fact]
    public async Task A_run_above_functionTimeout_fails_and_the_schedule_goes_on()
    {
        var clock = new SignalingClock(Start);
        await using var host = await StartAsync(typeof(Hourly), clock, hostJson: """{"version":"2.0","functionTimeout":"00:05:00"}""");
        host.Get<Runs>().Behaviour = count => count == 0 ? new TaskCompletionSource().Task : Task.CompletedTask;
        await clock.WaitedForAsync(TimeSpan.FromSeconds(59 * 60 + 30));
        clock.Advance(TimeSpan.FromSeconds(59 * 60 + 30));
        await host.Get<Runs>().NextAsync();
        await clock.WaitedForAsync(TimeSpan.FromMinutes(5));
        clock.Advance(TimeSpan.FromMinutes(5));
        await clock.WaitedForAsync(TimeSpan.FromMinutes(55));
        Assert.Contains(host.Logs.Entries, e => e.Message == "Timer function hourly failed.");
    }

    [Fact]
    public async Task Two_processes_on_one_state_folder_run_a_timer_once()
    {
        var folder = new TempFolder();
        var kept = folder.File("state");
        var clock = new SignalingClock(Start);
        await using (var first = await StartAsync(typeof(Hourly), clock, kept))
        {
            await clock.WaitedForAsync(TimeSpan.FromSeconds(59 * 60 + 30));
            await using var second = await StartAsync(typeof(Hourly), clock, kept);
            await clock.WaitedForAsync(TimeSpan.FromSeconds(15)); // the second polls for the ownership
            clock.Advance(TimeSpan.FromSeconds(59 * 60 + 30));
            await first.Get<Runs>().NextAsync();
            await clock.WaitedForAsync(TimeSpan.FromHours(1));
            Assert.Equal(0, second.Get<Runs>().Count);
            await first.Host.StopAsync(TestContext.Current.CancellationToken);

            await clock.WaitedForAsync(TimeSpan.FromSeconds(15));
            clock.Advance(TimeSpan.FromSeconds(15));
            await clock.WaitedForAsync(TimeSpan.FromSeconds(59 * 60 + 45)); // now the second one has it
        }

        folder.Dispose();
    }

    [Fact]
    public async Task Wrong_timer_functions_do_not_start()
    {
        var exception = await Assert.ThrowsAsync<StartException>(() => TestHost.StartAsync([typeof(Wrong)], null, args: ["--WEBSITE_TIME_ZONE", "Europe/Berlin"]));
        Assert.Contains("Function bad_schedule: its schedule 'nonsense' is not a six-field NCRONTAB expression; write six fields, such as '0 */5 * * * *', or %setting%.", exception.Reasons);
        Assert.Contains("Function bad_parameter: its trigger parameter is String; take TimerInfo.", exception.Reasons);
        Assert.Contains("Function bad_parameter: its retry count is -2; give 0 or more, or -1 for no end.", exception.Reasons);
        Assert.Contains("Function bad_bounds: its least retry interval '00:10:00' is above the greatest, '00:01:00'; exchange them.", exception.Reasons);
        Assert.Contains("Function bad_parameter: its retry interval 'soon' is not a time; write hh:mm:ss.", exception.Reasons);
        Assert.Contains(exception.Reasons, r => r.StartsWith("Setting WEBSITE_TIME_ZONE: 'Europe/Berlin'", StringComparison.Ordinal));
    }

    private static Task<TestHost> StartAsync(Type functions, SignalingClock clock, string? state = null, string? hostJson = null) => TestHost.StartAsync(
        [functions],
        builder =>
        {
            builder.Services.AddSingleton<Runs>();
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Services.AddSingleton(clock);
        },
        hostJson,
        args: ["--Often", "*/10 * * * * *", .. state is null ? Array.Empty<string>() : ["--LocalRuntime:State", state]]);
}
