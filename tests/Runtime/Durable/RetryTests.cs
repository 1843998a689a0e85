using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class RetryTests
{
    [Fact]
    public async Task A_policy_retries_with_backoff_on_durable_timers()
    {
        FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddYears(50));
        int attempts = 0;
        await using Harness host = await Harness.Start(
            registry => registry
                .Activity<int, int>("flaky", _ => ++attempts == 5 ? 42 : throw new IOException($"try {attempts}"))
                .Orchestrator("main", context => context.CallActivityAsync<int>("flaky", options: TaskOptions.FromRetryPolicy(
                    new RetryPolicy(5, TimeSpan.FromMinutes(1), 2, TimeSpan.FromMinutes(3))))),
            time);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");

        OrchestrationMetadata ended = await time.AdvanceUntilEnded(host, id, TimeSpan.FromSeconds(30));

        Assert.Equal(42, ended.ReadOutputAs<int>());
        // 1, 2, then 3 by the upper bound.
        Assert.Equal([1, 2, 3, 3], host.TimerDelays(id).Select(delay => delay.TotalMinutes));
    }

    [Theory]
    [InlineData("attempts", 3)]
    [InlineData("filter", 1)]
    [InlineData("timeout", 2)]
    public async Task A_policy_gives_up(string why, int expected)
    {
        FakeTimeProvider time = new();
        int attempts = 0;
        RetryPolicy policy = why switch
        {
            "attempts" => new RetryPolicy(3, TimeSpan.FromMinutes(1)),
            "filter" => new RetryPolicy(3, TimeSpan.FromMinutes(1)) { HandleFailure = failure => !failure.ErrorMessage.Contains("odd", StringComparison.Ordinal) },
            _ => new RetryPolicy(9, TimeSpan.FromMinutes(1), retryTimeout: TimeSpan.FromMinutes(1)),
        };
        await using Harness host = await Harness.Start(
            registry => registry
                .Activity<int, int>("break", _ => throw new IOException($"odd {++attempts}"))
                .Orchestrator("main", context => context.CallActivityAsync<int>("break", options: TaskOptions.FromRetryPolicy(policy))),
            time);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");

        OrchestrationMetadata ended = await time.AdvanceUntilEnded(host, id, TimeSpan.FromSeconds(61));

        Assert.Equal(expected, attempts);
        Assert.Equal($"odd {expected}", ended.FailureDetails?.InnerFailure?.ErrorMessage);
    }

    [Fact]
    public async Task A_handler_decides_and_may_wait()
    {
        int attempts = 0;
        List<int> seen = [];
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("flaky", _ => ++attempts < 4 ? throw new IOException("again") : attempts)
            .Orchestrator("main", context => context.CallActivityAsync<int>("flaky", options: TaskOptions.FromRetryHandler(async retry =>
            {
                if (!retry.OrchestrationContext.IsReplaying) seen.Add(retry.LastAttemptNumber);
                Assert.Equal("again", retry.LastFailure.ErrorMessage);
                await retry.OrchestrationContext.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                return retry.LastAttemptNumber < 5;
            }))));

        Assert.Equal(4, (await host.Run("main")).ReadOutputAs<int>());
        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public async Task A_sub_orchestration_is_retried_under_the_same_id()
    {
        int attempts = 0;
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("flaky", _ => ++attempts < 3 ? throw new IOException("again") : attempts)
            .Orchestrator("child", context => context.CallActivityAsync<int>("flaky"))
            .Orchestrator("main", context => context.CallSubOrchestratorAsync<int>("child", options: new SubOrchestrationOptions(
                new RetryPolicy(5, TimeSpan.FromMilliseconds(1)), "child-1"))));

        Assert.Equal(3, (await host.Run("main")).ReadOutputAs<int>());
        Assert.Equal(3, (await host.End("child-1")).ReadOutputAs<int>());
    }

    [Fact]
    public void A_policy_checks_its_numbers()
    {
        TimeSpan second = TimeSpan.FromSeconds(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(0, second));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, second, 0.9));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, second, 1, second / 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, second, 1, null, second / 2));
        RetryPolicy policy = new(1, second);
        Assert.Equal(TimeSpan.FromHours(1), policy.MaxRetryInterval);
        Assert.Equal(Timeout.InfiniteTimeSpan, policy.RetryTimeout);
    }

    [Fact]
    public async Task A_filter_that_throws_leaves_the_failure_as_it_is()
    {
        RetryPolicy policy = new(3, TimeSpan.FromMilliseconds(1)) { HandleFailure = _ => throw new NotSupportedException("filter") };
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, int>("break", _ => throw new IOException("odd"))
            .Orchestrator("main", context => context.CallActivityAsync<int>("break", options: TaskOptions.FromRetryPolicy(policy))));

        Assert.EndsWith("odd", (await host.Run("main")).FailureDetails?.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_can_not_be_read_is_worth_another_attempt()
    {
        int attempts = 0;
        await using Harness host = await Harness.Start(registry => registry
            .Activity<int, object>("mixed", _ => ++attempts < 3 ? "text" : 5)
            .Orchestrator("main", context => context.CallActivityAsync<int>(
                "mixed", options: TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromMilliseconds(1))))));

        Assert.Equal(5, (await host.Run("main")).ReadOutputAs<int>());
    }
}
