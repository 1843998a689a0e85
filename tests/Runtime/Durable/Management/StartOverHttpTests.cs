using System.Net;

namespace DataPlatform.Local.Runtime.Tests.Durable.Management;

public sealed class StartOverHttpTests
{
    [Fact]
    public async Task A_start_is_202_with_the_addresses_of_the_instance()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();

        ManagedAnswer answer = await host.PostAsync("orchestrators/echo/my%20id", """{"n":1.50}""");

        string instance = $"{host.Host.Address}runtime/webhooks/durabletask/instances/my%20id";
        const string Query = "taskHub=LocalHub&connection=Storage";
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal($"{instance}?{Query}", answer.Headers.Location!.AbsoluteUri);
        Assert.Equal(TimeSpan.FromSeconds(10), answer.Headers.RetryAfter!.Delta);
        Assert.Equal(
            $$"""
            {"id":"my id","statusQueryGetUri":"{{instance}}?{{Query}}","sendEventPostUri":"{{instance}}/raiseEvent/{eventName}?{{Query}}","terminatePostUri":"{{instance}}/terminate?reason={text}&{{Query}}","purgeHistoryDeleteUri":"{{instance}}?{{Query}}","restartPostUri":"{{instance}}/restart?{{Query}}","suspendPostUri":"{{instance}}/suspend?reason={text}&{{Query}}","resumePostUri":"{{instance}}/resume?reason={text}&{{Query}}"}
            """,
            answer.Body);
        Assert.Equal("""{"n":1.50}""", (await host.EndAsync("my id")).SerializedInput);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync(answer.Headers.Location, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Without_an_id_and_a_body_both_are_made_up_for()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        string id = (await host.PostAsync("orchestrators/Echo/")).Json.GetProperty("id").GetString()!;
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Null((await host.EndAsync(id)).SerializedInput);
    }

    [Fact]
    public async Task A_result_is_waited_for()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();

        ManagedAnswer done = await host.PostAsync("orchestrators/Echo?timeout=30&pollingInterval=0.1", """["x"]""");
        ManagedAnswer failed = await host.PostAsync("orchestrators/Broken?timeout=30&pollingInterval=1");
        ManagedAnswer open = await host.PostAsync("orchestrators/Wait/open?timeout=0.01&pollingInterval=0.01");

        Assert.Equal((HttpStatusCode.OK, """["x"]"""), (done.Status, done.Body));
        Assert.Equal((HttpStatusCode.OK, "Failed"), (failed.Status, failed.Json.GetProperty("runtimeStatus").GetString()));
        Assert.Equal((HttpStatusCode.Accepted, "open"), (open.Status, open.Json.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task An_id_that_runs_is_409_and_one_that_has_ended_is_used_again()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await host.PostAsync("orchestrators/Wait/one")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await host.PostAsync("orchestrators/Echo/one")).Status);
        await host.PostAsync("instances/one/terminate");
        Assert.Equal(HttpStatusCode.Accepted, (await host.PostAsync("orchestrators/Echo/one")).Status);
    }

    [Fact]
    public async Task Data_above_the_limit_is_413()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.StartAsync("Wait", "one");
        string large = $"\"{new string('x', 3_000_000)}\"";

        ManagedAnswer started = await host.PostAsync("orchestrators/Echo", large);
        ManagedAnswer raised = await host.PostAsync("instances/one/raiseEvent/go", large);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge), (started.Status, raised.Status));
        Assert.Contains("the limit is", started.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("orchestrators/nobody", "1")]
    [InlineData("orchestrators/Echo/@a@b", "1")]
    [InlineData("orchestrators/Echo/a%5Cb", "1")]
    [InlineData("orchestrators/Echo", "{")]
    [InlineData("orchestrators/Echo?timeout=x", "1")]
    [InlineData("orchestrators/Echo?timeout=1&pollingInterval=2", "1")]
    [InlineData("orchestrators/Echo?timeout=-1", "1")]
    [InlineData("orchestrators/Echo?timeout=NaN&pollingInterval=1", "1")]
    [InlineData("orchestrators/Echo?taskHub=Other", "1")]
    public async Task What_cannot_be_started_is_400(string target, string body)
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        ManagedAnswer answer = await host.PostAsync(target, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.NotEmpty(answer.Error);
    }

    [Fact]
    public async Task Functions_hand_out_addresses()
    {
        await using ManagedHost host = await ManagedHost.StartAsync("--LocalRuntime:ManagementKey", "k&y");
        string address = (await host.RunAsync("AskAddresses", "a b")).ReadOutputAs<string>()!;
        Assert.Equal($"{host.Host.Address}runtime/webhooks/durabletask/instances/a%20b?taskHub=LocalHub&connection=Storage&code=k%26y", address);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync(new Uri(address), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task An_app_without_durable_functions_has_no_such_api_and_answers_as_for_any_extension_without_a_key()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(PlainFunctions));
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Http.GetTextAsync($"{ManagedHost.Root}/instances")).Status);
    }
}
