using System.Net.Http.Json;
using DataPlatform.Local.Runtime.Durable;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

/// <summary>Orchestrations as an app writes them, in a whole host.</summary>
public sealed class DurableFunctionTests
{
    [Fact]
    public async Task An_http_function_starts_an_orchestration_and_reads_its_result()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(SampleFunctions));

        string id = await host.Http.GetStringAsync("start?n=4", TestContext.Current.CancellationToken);
        OrchestrationMetadata ended = await End(host, id);

        Assert.Equal(OrchestrationRuntimeStatus.Completed, ended.RuntimeStatus);
        Assert.Equal("0 1 4 9 by sample Sum", ended.ReadOutputAs<string>());
        Assert.Contains(host.Logs.Entries, entry => entry.Message == "squaring 3");
        Assert.Equal(1, host.Logs.Entries.Count(entry => entry.Message == "summing"));
    }

    [Fact]
    public async Task A_failed_activity_keeps_its_message_and_hides_its_type()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(SampleFunctions));
        DurableTaskClient client = host.Get<DurableHost>().Client;

        string id = await client.ScheduleNewOrchestrationInstanceAsync("Broken", new { reason = "no disk" });

        OrchestrationMetadata ended = await End(host, id);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Null(ended.FailureDetails);
        Assert.Equal("Task 'Break' (#0) failed with an unhandled exception: no disk, type (unknown)", ended.SerializedOutput);
    }

    [Fact]
    public async Task Orchestrations_go_on_when_the_host_starts_again()
    {
        using TempFolder folder = new();
        string id;
        TestHost first = await TestHost.StartAsync([typeof(SampleFunctions)], null, folder: folder);
        id = await first.Get<DurableHost>().Client.ScheduleNewOrchestrationInstanceAsync("Waiting");
        await first.Get<DurableHost>().Client.WaitForInstanceStartAsync(id);
        await first.Host.StopAsync(TestContext.Current.CancellationToken);
        await ((IAsyncDisposable)first.Host).DisposeAsync();

        await using TestHost second = await TestHost.StartAsync([typeof(SampleFunctions)], null, folder: folder);
        await second.Get<DurableHost>().Client.RaiseEventAsync(id, "go", 3);

        Assert.Equal(3, (await End(second, id)).ReadOutputAs<int>());
        Assert.True(File.Exists(Path.Combine(folder.Path, ".local", "runtime", "durable.db")));
    }

    [Fact]
    public async Task Settings_come_from_host_json()
    {
        await using TestHost host = await TestHost.StartAsync([typeof(SampleFunctions)], null, hostJson: """
            {"version":"2.0","extensions":{"http":{"routePrefix":""},
             "durableTask":{"hubName":"Mine","maxConcurrentActivityFunctions":3,"maxConcurrentOrchestratorFunctions":2}}}
            """);

        DurableOptions options = host.Get<DurableSettings>().Read(new StartErrors());

        Assert.Equal(("Mine", 3, 2), (options.HubName, options.MaxConcurrentActivities, options.MaxConcurrentOrchestrators));
    }

    [Theory]
    [InlineData(typeof(BadSignatures), "Function Text: [OrchestrationTrigger] stands at a String")]
    [InlineData(typeof(BadSignatures), "Function Client: an orchestrator is replayed and must not use a client")]
    [InlineData(typeof(BadSignatures), "Function Twin: the orchestrator name 'Client' belongs to Client already")]
    public async Task Signatures_that_cannot_work_are_refused_at_start(Type functions, string message)
    {
        StartException refused = await Assert.ThrowsAsync<StartException>(() => TestHost.StartAsync(functions));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_without_durable_functions_has_no_store()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(PlainFunctions));
        Assert.False(Directory.Exists(Path.Combine(host.Folder.Path, ".local")));
    }

    private static async Task<OrchestrationMetadata> End(TestHost host, string id)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        return await host.Get<DurableHost>().Client.WaitForInstanceCompletionAsync(id, true, patience.Token);
    }
}
