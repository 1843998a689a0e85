using DurableTask.Core.Exceptions;
using Grpc.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class ClientTests
{
    private static Task<Harness> Start(TimeProvider? time = null) => Harness.Start(
        registry => registry
            .Activity<int, int>("work", value => value)
            .Orchestrator("wait", context => context.WaitForExternalEvent<string>("go"))
            .Orchestrator("fail", Task<int> (_) => throw new IOException("broken"))
            .Orchestrator("quick", context => Task.FromResult(context.GetInput<int>())),
        time);

    [Fact]
    public async Task An_id_is_refused_while_it_runs_and_replaced_after()
    {
        await using Harness host = await Start();
        StartOrchestrationOptions one = new("one");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("wait", one);
        await host.Client.WaitForInstanceStartAsync("one");

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => host.Client.ScheduleNewOrchestrationInstanceAsync("quick", 1, one));
        await host.Client.RaiseEventAsync("one", "go", "x");
        await host.End("one");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("quick", 5, one);

        OrchestrationMetadata ended = await host.End("one");
        Assert.Equal(("quick", "5"), (ended.Name, ended.SerializedOutput));
    }

    [Fact]
    public async Task Dedupe_statuses_keep_what_has_ended()
    {
        await using Harness host = await Start();
        await host.Run("quick", 1, "done");
        await host.Run("fail", null, "failed");

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => host.Client.ScheduleNewOrchestrationInstanceAsync(
            "quick", 2, new StartOrchestrationOptions("done").WithDedupeStatuses(OrchestrationRuntimeStatus.Completed)));
        await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "quick", 3, new StartOrchestrationOptions("failed").WithDedupeStatuses(OrchestrationRuntimeStatus.Completed));

        Assert.Equal(3, (await host.End("failed")).ReadOutputAs<int>());
        Assert.Equal(1, (await host.End("done")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_live_instance_whose_status_is_not_among_those_to_dedupe_by_is_terminated_and_replaced()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("wait", context => context.WaitForExternalEvent<int>("go"))
            .Orchestrator("quick", context => Task.FromResult(context.GetInput<int>()))
            .Orchestrator("parent", async context =>
            {
                try
                {
                    return await context.CallSubOrchestratorAsync<string>("wait", options: new SubOrchestrationOptions(instanceId: "one"));
                }
                catch (TaskFailedException failed)
                {
                    return failed.FailureDetails.ErrorMessage;
                }
            }));
        string parent = await host.Client.ScheduleNewOrchestrationInstanceAsync("parent");
        await host.Until("one", state => state.IsRunning);

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => host.Client.ScheduleNewOrchestrationInstanceAsync(
            "quick", 1, new StartOrchestrationOptions("one").WithDedupeStatuses(OrchestrationRuntimeStatus.Running)));
        await host.Client.ScheduleNewOrchestrationInstanceAsync("quick", 2, new StartOrchestrationOptions("one").WithDedupeStatuses());

        OrchestrationMetadata ended = await host.Until("one", state => state.IsCompleted);
        Assert.Equal(("quick", "2"), (ended.Name, ended.SerializedOutput));
        Assert.Contains("Terminated", (await host.End(parent)).ReadOutputAs<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deduping_by_terminated_alone_contradicts_itself()
    {
        await using Harness host = await Start();
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => host.Client.ScheduleNewOrchestrationInstanceAsync(
            "quick", 1, new StartOrchestrationOptions("one").WithDedupeStatuses(OrchestrationRuntimeStatus.Terminated)));
        Assert.StartsWith("Deduping by Terminated needs Running, Pending and Suspended too", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@counter@1")]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    public async Task Unusable_ids_are_refused(string id)
    {
        await using Harness host = await Start();
        await Assert.ThrowsAsync<ArgumentException>(() => host.Client.ScheduleNewOrchestrationInstanceAsync("quick", 1, new StartOrchestrationOptions(id)));
    }

    [Fact]
    public async Task An_unknown_orchestrator_is_refused()
    {
        await using Harness host = await Start();
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => host.Client.ScheduleNewOrchestrationInstanceAsync("nobody"));
        Assert.StartsWith("There is no orchestrator function named 'nobody'. Known are: fail, quick, wait.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suspended_means_that_nothing_goes_on()
    {
        await using Harness host = await Start();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await host.Client.WaitForInstanceStartAsync(id);

        await host.Client.SuspendInstanceAsync(id, "lunch");
        await host.Client.RaiseEventAsync(id, "go", "on");
        OrchestrationMetadata other = await host.Run("quick", 1);
        Assert.True(other.IsCompleted);
        OrchestrationMetadata suspended = (await host.Client.GetInstanceAsync(id, getInputsAndOutputs: true))!;
        Assert.Equal((OrchestrationRuntimeStatus.Suspended, "lunch"), (suspended.RuntimeStatus, suspended.SerializedOutput));
        await host.Client.ResumeInstanceAsync(id);

        Assert.Equal("on", (await host.End(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Only_what_goes_on_is_suspended_and_only_what_is_suspended_resumed()
    {
        await using Harness host = await Start();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await host.Client.WaitForInstanceStartAsync(id);

        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => host.Client.ResumeInstanceAsync(id))).StatusCode);
        await host.Client.SuspendInstanceAsync(id);
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => host.Client.SuspendInstanceAsync(id))).StatusCode);
    }

    [Fact]
    public async Task Missing_arguments_are_named()
    {
        await using Harness host = await Start();
        await Assert.ThrowsAsync<ArgumentNullException>("instanceId", () => host.Client.RaiseEventAsync(null!, "go"));
        await Assert.ThrowsAsync<ArgumentException>("eventName", () => host.Client.RaiseEventAsync("a", ""));
        await Assert.ThrowsAsync<ArgumentException>("instanceId", () => host.Client.TerminateInstanceAsync(""));
        await Assert.ThrowsAsync<ArgumentException>("instanceId", () => host.Client.SuspendInstanceAsync(""));
        await Assert.ThrowsAsync<ArgumentException>("instanceId", () => host.Client.GetInstanceAsync(""));
        await Assert.ThrowsAsync<ArgumentException>("instanceId", () => host.Client.PurgeInstanceAsync(""));
        await Assert.ThrowsAsync<ArgumentException>("instanceId", () => host.Client.WaitForInstanceStartAsync("@a@b"));
        Assert.Throws<ArgumentException>("filter", () => host.Client.GetAllInstancesAsync(new OrchestrationQuery(InstanceIdPrefix: "@")));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => host.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter { Timeout = TimeSpan.Zero }));
    }

    [Fact]
    public async Task Suspending_before_the_start_keeps_the_instance_pending()
    {
        FakeTimeProvider time = new();
        await using Harness host = await Start(time);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "quick", 4, new StartOrchestrationOptions(StartAt: time.GetUtcNow().AddHours(1)));

        await host.Client.SuspendInstanceAsync(id);
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, (await host.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await host.Client.ResumeInstanceAsync(id);

        Assert.Equal(4, (await time.AdvanceUntilEnded(host, id, TimeSpan.FromSeconds(1))).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Terminated_is_final()
    {
        await using Harness host = await Start();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");

        await host.Client.TerminateInstanceAsync(id, new { reason = "wrong file" });

        OrchestrationMetadata ended = await host.End(id);
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, ended.RuntimeStatus);
        Assert.Equal("""{"reason":"wrong file"}""", ended.SerializedOutput);
        Assert.All(await Refusals(host, id), status => Assert.Equal(StatusCode.FailedPrecondition, status));
    }

    private static async Task<StatusCode[]> Refusals(Harness host, string id) =>
    [
        (await Assert.ThrowsAsync<RpcException>(() => host.Client.TerminateInstanceAsync(id))).StatusCode,
        (await Assert.ThrowsAsync<RpcException>(() => host.Client.RaiseEventAsync(id, "go"))).StatusCode,
        (await Assert.ThrowsAsync<RpcException>(() => host.Client.SuspendInstanceAsync(id))).StatusCode,
        (await Assert.ThrowsAsync<RpcException>(() => host.Client.ResumeInstanceAsync(id))).StatusCode,
    ];

    [Fact]
    public async Task Unknown_instances_are_named()
    {
        await using Harness host = await Start();
        Assert.Null(await host.Client.GetInstanceAsync("nobody"));
        Assert.Contains("'nobody'", (await Assert.ThrowsAsync<RpcException>(() => host.Client.RaiseEventAsync("nobody", "x"))).Status.Detail, StringComparison.Ordinal);
        Assert.All(await Refusals(host, "nobody"), status => Assert.Equal(StatusCode.NotFound, status));
        Assert.Equal(0, (await host.Client.PurgeInstanceAsync("nobody")).PurgedInstanceCount);
    }

    [Fact]
    public async Task Inputs_and_outputs_come_only_when_asked_for()
    {
        await using Harness host = await Start();
        OrchestrationMetadata full = await host.Run("quick", 9);

        OrchestrationMetadata bare = (await host.Client.GetInstanceAsync(full.InstanceId))!;

        Assert.Equal(("9", "9"), (full.SerializedInput, full.SerializedOutput));
        Assert.Null(bare.SerializedInput);
        Assert.Throws<InvalidOperationException>(() => bare.ReadOutputAs<int>());
        Assert.Contains("Output: '9'", full.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_is_filtered_and_paged()
    {
        await using Harness host = await Start();
        for (int i = 0; i < 7; i++) await host.Run("quick", i, $"a-{i}");
        await host.Run("fail", null, "b-0");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("wait", new StartOrchestrationOptions("a-open"));
        await host.Client.WaitForInstanceStartAsync("a-open");

        OrchestrationQuery query = new(Statuses: [OrchestrationRuntimeStatus.Completed], InstanceIdPrefix: "a-", PageSize: 3);
        List<int> sizes = [];
        List<string> ids = [];
        string? token = null;
        await foreach (Page<OrchestrationMetadata> page in host.Client.GetAllInstancesAsync(query).AsPages())
        {
            sizes.Add(page.Values.Count);
            ids.AddRange(page.Values.Select(value => value.InstanceId));
            token ??= page.ContinuationToken;
        }

        Assert.Equal([3, 3, 1], sizes);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"a-{i}"), ids);
        Assert.Equal(4, await Count(host, query with { ContinuationToken = token }));
        Assert.Equal(9, await Count(host, null));
        Assert.Equal(1, await Count(host, new OrchestrationQuery(Statuses: [OrchestrationRuntimeStatus.Failed])));
        Assert.Equal(0, await Count(host, new OrchestrationQuery(CreatedTo: DateTimeOffset.UnixEpoch)));
        Assert.Equal(0, await Count(host, new OrchestrationQuery(TaskHubNames: ["Other"])));
        Assert.Equal(9, await Count(host, new OrchestrationQuery(TaskHubNames: ["tests"])));
    }

    [Fact]
    public async Task Purging_removes_only_what_has_ended()
    {
        await using Harness host = await Start();
        for (int i = 0; i < 3; i++) await host.Run("quick", i, $"q-{i}");
        await host.Run("fail", null, "f-0");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("wait", new StartOrchestrationOptions("open"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Client.PurgeInstanceAsync("open"));
        Assert.Equal(1, (await host.Client.PurgeInstanceAsync("q-0")).PurgedInstanceCount);
        Assert.Equal(1, (await host.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter(Statuses: [OrchestrationRuntimeStatus.Failed]))).PurgedInstanceCount);
        PurgeResult rest = await host.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter());

        Assert.Equal((2, true), (rest.PurgedInstanceCount, rest.IsComplete));
        Assert.Empty(host.History("q-1"));
        Assert.Equal(1, await Count(host, null));
    }

    [Fact]
    public async Task Custom_status_and_tags_are_shown()
    {
        await using Harness host = await Harness.Start(registry => registry
            .Orchestrator("main", async context =>
            {
                context.SetCustomStatus(new { done = 1 });
                await context.WaitForExternalEvent<bool>("go");
                context.SetCustomStatus("all");
                return 0;
            }));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "main", new StartOrchestrationOptions { Tags = new Dictionary<string, string> { ["team"] = "data" } });

        await host.Until(id, state => state.SerializedCustomStatus == """{"done":1}""");
        await host.Client.RaiseEventAsync(id, "go", true);

        OrchestrationMetadata ended = await host.End(id);
        Assert.Equal("all", ended.ReadCustomStatusAs<string>());
        Assert.Equal("data", ended.Tags["team"]);
    }

    [Fact]
    public async Task Waiting_may_begin_before_the_instance_is_there()
    {
        await using Harness host = await Start();
        Task<OrchestrationMetadata> started = host.Client.WaitForInstanceStartAsync("one", TestContext.Current.CancellationToken);
        Task<OrchestrationMetadata> ended = host.End("one");

        await host.Client.ScheduleNewOrchestrationInstanceAsync("quick", 3, new StartOrchestrationOptions("one"));

        Assert.Equal("quick", (await started).Name);
        Assert.Equal(3, (await ended).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Waiting_ends_with_its_token()
    {
        await using Harness host = await Start();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(30));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Client.WaitForInstanceCompletionAsync(id, soon.Token));
    }

    private static async Task<int> Count(Harness host, OrchestrationQuery? query)
    {
        int count = 0;
        await foreach (OrchestrationMetadata _ in host.Client.GetAllInstancesAsync(query)) count++;
        return count;
    }
}
