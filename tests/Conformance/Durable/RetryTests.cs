namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Retries of activities and sub-orchestrations.</summary>
public sealed class RetryTests(ConformanceHost host)
{
    // The official host's timers count whole seconds and fire up to one too early.
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_policy_tries_until_it_works_and_waits_in_between()
    {
        var key = ConformanceHost.NewId();
        var ended = await host.Durable.RunAsync("failure_retried", new { Key = key, Times = 3, Attempts = 5 });
        Assert.Equal("\"worked at attempt 4\"", ended.Output);
        var attempts = await host.ObservedAsync(key);
        Assert.Equal(4, attempts.Count);
        Assert.True(attempts[2].At - attempts[1].At >= TimeSpan.FromSeconds(1.2) - Early);
        Assert.True(attempts[3].At - attempts[2].At >= TimeSpan.FromSeconds(2.4) - Early);
    }

    [Fact]
    public async Task A_policy_gives_up_after_its_attempts_with_the_last_failure()
    {
        var key = ConformanceHost.NewId();
        var ended = await host.Durable.RunAsync("failure_retried", new { Key = key, Times = 9, Attempts = 2 });
        Assert.Equal($"Attempt 2 of {key} failed.", ended.OutputAs<string>());
        Assert.Equal(2, (await host.ObservedAsync(key)).Count);
    }

    [Fact]
    public async Task What_works_at_once_is_not_tried_again()
    {
        var key = ConformanceHost.NewId();
        Assert.Equal("\"worked at attempt 1\"", (await host.Durable.RunAsync("failure_retried", new { Key = key, Times = 0, Attempts = 5 })).Output);
        Assert.Single(await host.ObservedAsync(key));
    }

    [Theory]
    [InlineData(2, 4, "worked at attempt 3, asked 1,2", 3)]
    [InlineData(9, 3, "Attempt 3 of KEY failed., asked 1,2,3", 3)]
    public async Task A_handler_is_asked_after_each_failure(int times, int attempts, string output, int made)
    {
        var key = ConformanceHost.NewId();
        var ended = await host.Durable.RunAsync("failure_handled", new { Key = key, Times = times, Attempts = attempts });
        Assert.Equal(output.Replace("KEY", key, StringComparison.Ordinal), ended.OutputAs<string>());
        Assert.Equal(made, (await host.ObservedAsync(key)).Count);
    }

    [Theory]
    [InlineData(1, 3, "worked at attempt 2")]
    [InlineData(9, 2, "failure_child: Task 'activity_fails' (#0) failed with an unhandled exception: Attempt 2 of KEY failed.")]
    public async Task Sub_orchestrations_are_retried_whole(int times, int attempts, string output)
    {
        var key = ConformanceHost.NewId();
        var ended = await host.Durable.RunAsync("failure_child_retried", new { Key = key, Times = times, Attempts = attempts });
        Assert.Equal(output.Replace("KEY", key, StringComparison.Ordinal), ended.OutputAs<string>());
        Assert.Equal(2, (await host.ObservedAsync(key)).Count);
    }
}
