namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>What an app may rely on when something fails.</summary>
public sealed class FailureTests(ConformanceHost host)
{
    [Fact]
    public async Task A_failed_activity_that_nobody_catches_fails_the_instance_and_the_reason_names_both()
    {
        var key = ConformanceHost.NewId();
        var ended = await host.Durable.RunAsync("failure_uncaught", new { Key = key, Times = 9 });
        Assert.Equal("Failed", ended.Status);
        Assert.Contains("activity_fails", ended.Reason, StringComparison.Ordinal);
        Assert.Contains($"Attempt 1 of {key} failed.", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_orchestrator_tells_its_message()
    {
        var ended = await host.Durable.RunAsync("failure_own");
        Assert.Equal("Failed", ended.Status);
        Assert.Contains("The orchestrator itself failed.", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caught_failure_has_the_name_of_the_task_and_the_message()
    {
        var key = ConformanceHost.NewId();
        var caught = (await host.Durable.RunAsync("failure_caught", new { Key = key, Times = 9 })).OutputAs<CaughtFailure>()!;
        Assert.Equal("activity_fails", caught.TaskName);
        Assert.Equal($"Attempt 1 of {key} failed.", caught.Failure.Message);
        Assert.Equal($"Task 'activity_fails' (#0) failed with an unhandled exception: Attempt 1 of {key} failed.", caught.Message);
    }

    [Fact]
    public async Task One_failure_of_several_leaves_the_others_their_results() =>
        Assert.Equal(
            ["Hello a!", "TaskFailedException", "Hello b!"],
            (await host.Durable.RunAsync("failure_one_of_three", new { Key = ConformanceHost.NewId(), Times = 9 })).OutputAs<string[]>()!);

    [Fact]
    public async Task An_activity_that_does_not_exist_fails_the_call_and_is_named()
    {
        var ended = await host.Durable.RunAsync("failure_unknown_activity");
        Assert.Equal("Failed", ended.Status);
        Assert.Contains("activity_that_is_not_there", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_orchestrator_that_calls_something_else_at_replay_fails_and_says_so()
    {
        var ended = await host.Durable.RunAsync("failure_not_deterministic");
        Assert.Equal("Failed", ended.Status);
        Assert.Contains("deterministic", ended.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("activity_hello", ended.Reason, StringComparison.Ordinal);
        Assert.Contains("activity_nothing", ended.Reason, StringComparison.Ordinal);
    }

    private sealed record CaughtFailure(string TaskName, Failure Failure, string Message);
}
