using DataPlatform.Operations;
using DataPlatform.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Operations;

public sealed class RunWaiterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_when_the_run_has_ended_and_at_the_latest_when_the_time_is_up()
    {
        using var store = new TestStore();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(100) };
        var runs = new RunStore(store.Rows, clock);
        var waiter = new RunWaiter(runs, clock);
        var run = await runs.CreateAsync(new RunRequest(RunKind.Refresh, "mart", 1, "me", null), Token);

        Assert.False((await waiter.WaitAsync(run.Id, TimeSpan.Zero, Token)).HasEnded);

        var waiting = waiter.WaitAsync(run.Id, TimeSpan.FromSeconds(60), Token);
        Assert.False(waiting.IsCompleted);
        await runs.UpdateAsync(run.Id, current => current with { Status = RunStatus.Succeeded }, Token);
        while (!waiting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(RunStatus.Succeeded, (await waiting).Status);
    }

    [Fact]
    public async Task The_end_of_a_run_in_this_process_is_heard_of_without_a_look_at_the_clock()
    {
        using var store = new TestStore();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)); // stands still: no pause ever ends
        var runs = new RunStore(store.Rows, clock);
        var waiter = new RunWaiter(runs, clock);
        var run = await runs.CreateAsync(new RunRequest(RunKind.Refresh, "mart", 1, "me", null), Token);
        var other = await runs.CreateAsync(new RunRequest(RunKind.Refresh, "other", 1, "me", null), Token);

        var waiting = waiter.WaitAsync(run.Id, TimeSpan.FromSeconds(60), Token);
        await runs.UpdateAsync(other.Id, current => current with { Status = RunStatus.Succeeded }, Token);
        await runs.UpdateAsync(run.Id, current => current with { Status = RunStatus.Running }, Token);
        Assert.False(waiting.IsCompleted);
        await runs.UpdateAsync(run.Id, current => current with { Status = RunStatus.Succeeded }, Token);

        Assert.Equal(RunStatus.Succeeded, (await waiting.WaitAsync(TimeSpan.FromSeconds(60), Token)).Status);
    }
}
