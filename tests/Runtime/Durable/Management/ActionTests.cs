using System.Net;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable.Management;

public sealed class ActionTests
{
    private static readonly string[] Actions = ["raiseEvent/go", "terminate", "suspend", "resume"];

    [Fact]
    public async Task An_event_reaches_the_one_that_waits()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.StartAsync("Wait", "one");

        ManagedAnswer answer = await host.PostAsync("instances/one/RAISEEVENT/GO", """{"a":[1,"é"]}""");

        Assert.Equal((HttpStatusCode.Accepted, ""), (answer.Status, answer.Body));
        Assert.Equal(1, (await host.EndAsync("one")).ReadOutputAs<System.Text.Json.JsonElement>().GetProperty("a")[0].GetInt32());
    }

    [Theory]
    [InlineData("text/plain", "1", "Only application/json request content is supported")]
    [InlineData("application/json", "{", "Invalid JSON content")]
    [InlineData("application/json", "", "Invalid JSON content")]
    [InlineData("application/json", "\"\\ud800\"", "Invalid JSON content")]
    public async Task An_event_brings_json(string type, string body, string message)
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.StartAsync("Wait", "one");
        ManagedAnswer answer = await host.CallAsync("POST", "instances/one/raiseEvent/go", body, type);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.StartsWith(message, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_without_a_content_type_is_400() => await WithOpen(async host =>
        Assert.Equal(HttpStatusCode.BadRequest, (await host.PostAsync("instances/one/raiseEvent/go")).Status));

    [Fact]
    public async Task The_reason_of_a_termination_is_the_output() => await WithOpen(async host =>
    {
        Assert.Equal(HttpStatusCode.Accepted, (await host.PostAsync("instances/one/terminate?reason=too%20old")).Status);
        OrchestrationMetadata ended = await host.EndAsync("one");
        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "too old"), (ended.RuntimeStatus, ended.SerializedOutput));
        Assert.Equal("too old", (await host.GetAsync("instances/one")).Json.GetProperty("output").GetString());
    });

    [Fact]
    public async Task Suspended_and_resumed() => await WithOpen(async host =>
    {
        Assert.Equal(HttpStatusCode.Accepted, (await host.PostAsync("instances/one/suspend")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await host.PostAsync("instances/one/suspend")).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await host.PostAsync("instances/one/raiseEvent/go", "3")).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await host.PostAsync("instances/one/resume?reason=back")).Status);
        Assert.Equal("3", (await host.EndAsync("one")).SerializedOutput);
    });

    [Fact]
    public async Task What_is_not_suspended_is_not_resumed() => await WithOpen(async host =>
        Assert.Equal(HttpStatusCode.Conflict, (await host.PostAsync("instances/one/resume")).Status));

    [Fact]
    public async Task Unknown_is_404_and_finished_is_410()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.RunAsync("Echo", "one", 1);
        foreach (string action in Actions)
        {
            Assert.Equal((action, HttpStatusCode.NotFound), (action, (await host.PostAsync($"instances/nobody/{action}", "1")).Status));
            Assert.Equal((action, HttpStatusCode.Gone), (action, (await host.PostAsync($"instances/one/{action}", "1")).Status));
        }
    }

    [Fact]
    public async Task Other_methods_are_404() => await WithOpen(async host =>
    {
        foreach (string target in (string[])["instances/one/terminate", "instances/one/raiseEvent/go", "orchestrators/Echo"])
            Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync(target)).Status);
        foreach (string target in (string[])["instances", "instances/one", "instances/one/raiseEvent", "instances/one/explode"])
            Assert.Equal(HttpStatusCode.NotFound, (await host.PostAsync(target, "1")).Status);
    });

    [Theory]
    [InlineData("POST", "instances/one/rewind", "Rewinding and restarting instances are not part of the local runtime.")]
    [InlineData("POST", "instances/one/restart", "Rewinding and restarting instances are not part of the local runtime.")]
    [InlineData("GET", "entities/counter/1", "Entities and hubs with several primaries are not part of the local runtime.")]
    public async Task What_is_left_out_is_501(string method, string target, string message) => await WithOpen(async host =>
    {
        ManagedAnswer answer = await host.CallAsync(method, target);
        Assert.Equal((HttpStatusCode.NotImplemented, message), (answer.Status, answer.Error));
    });

    [Fact]
    public async Task One_instance_is_purged_when_it_has_ended() => await WithOpen(async host =>
    {
        ManagedAnswer live = await host.CallAsync("DELETE", "instances/one");
        Assert.Equal((HttpStatusCode.PreconditionFailed, "Instance 'one' is Running: terminate it before it is purged."), (live.Status, live.Json.GetString()));
        await host.PostAsync("instances/one/terminate");
        ManagedAnswer purged = await host.CallAsync("DELETE", "instances/one");
        Assert.Equal((HttpStatusCode.OK, """{"instancesDeleted":1}"""), (purged.Status, purged.Body));
        Assert.Equal(HttpStatusCode.NotFound, (await host.CallAsync("DELETE", "instances/one")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("instances/one")).Status);
    });

    [Fact]
    public async Task Many_instances_are_purged_by_filter() => await WithOpen(async host =>
    {
        for (int i = 0; i < 3; i++) await host.RunAsync("Echo", $"done-{i}");
        await host.RunAsync("Broken", "failed");

        ManagedAnswer unbounded = await host.CallAsync("DELETE", "instances");
        ManagedAnswer live = await host.CallAsync("DELETE", "instances?createdTimeFrom=2020-01-01&runtimeStatus=Running");
        ManagedAnswer early = await host.CallAsync("DELETE", "instances?createdTimeFrom=2020-01-01&createdTimeTo=2020-02-01");
        ManagedAnswer completed = await host.CallAsync("DELETE", "instances/?createdTimeFrom=2020-01-01T00:00:00Z&runtimeStatus=Completed");
        ManagedAnswer rest = await host.CallAsync("DELETE", "instances?createdTimeFrom=2020-01-01");

        Assert.Equal((HttpStatusCode.BadRequest, "Please provide value for 'createdTimeFrom' parameter."), (unbounded.Status, unbounded.Json.GetString()));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (live.Status, early.Status));
        Assert.Equal(("""{"instancesDeleted":3}""", """{"instancesDeleted":1}"""), (completed.Body, rest.Body));
        Assert.Equal("one", Assert.Single((await host.GetAsync("instances")).Json.EnumerateArray()).GetProperty("instanceId").GetString());
    });

    private static async Task WithOpen(Func<ManagedHost, Task> test)
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.StartAsync("Wait", "one");
        await test(host);
    }
}
