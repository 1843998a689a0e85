namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Activities in a row, side by side, and who comes first.</summary>
public sealed class FlowTests(ConformanceHost host)
{
    [Fact]
    public async Task A_chain_gives_each_result_in_turn()
    {
        var ended = await host.Durable.RunAsync("flow_chain", new[] { "a", "b", "c" });
        Assert.Equal("Completed", ended.Status);
        Assert.Equal("flow_chain", ended.Name);
        Assert.Equal("""["Hello a!","Hello b!","Hello c!"]""", ended.Output);
    }

    [Fact]
    public async Task A_fan_in_has_the_results_in_the_order_of_the_calls_whatever_ends_first() =>
        Assert.Equal(Enumerable.Range(0, 16).Select(i => i * i), (await host.Durable.RunAsync("flow_fan", 16)).OutputAs<int[]>()!);

    [Fact]
    public async Task The_first_of_several_tasks_goes_on_while_the_other_runs()
    {
        var gate = ConformanceHost.NewId();
        var id = await host.Durable.StartAsync("flow_any", gate);
        await host.Durable.UntilCustomStatusAsync(id, "\"first is quick\"");
        await host.OpenGateAsync(gate);
        Assert.Equal("passed Hello quick!", (await host.Durable.CompletedAsync(id)).OutputAs<string>());
    }

    [Fact]
    public async Task Function_names_are_found_whatever_their_case() =>
        Assert.Equal("Completed", (await host.Durable.RunAsync("FLOW_Chain", new[] { "a" })).Status);

    [Fact]
    public async Task The_custom_status_shows_while_it_runs_and_the_last_one_stays()
    {
        var id = await host.Durable.StartRunningAsync("flow_status");
        var running = await host.Durable.UntilCustomStatusAsync(id, """{"Step":1,"Text":"waiting"}""");
        Assert.Equal("Running", running.Status);
        await host.Durable.RaiseAsync(id, "go", "x");
        var ended = await host.Durable.CompletedAsync(id);
        Assert.Equal(("\"done\"", "\"end\""), (ended.CustomStatus, ended.Output));
    }
}
