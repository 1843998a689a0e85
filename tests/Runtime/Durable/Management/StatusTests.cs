using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DataPlatform.Local.Runtime.Tests.Durable.Management;

public sealed partial class StatusTests
{
    [Fact]
    public async Task A_finished_instance_is_200_with_all_that_is_known()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.RunAsync("Echo", "one", new { text = "Köln <b>" });

        ManagedAnswer answer = await host.GetAsync("instances/one");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Null(answer.Headers.Location);
        Assert.Null(answer.Headers.RetryAfter);
        Assert.Equal(
            """
            {"name":"Echo","instanceId":"one","runtimeStatus":"Completed","input":{"text":"Köln <b>"},"customStatus":{"step":1},"output":{"text":"Köln <b>"},"createdTime":"T","lastUpdatedTime":"T"}
            """,
            Time().Replace(answer.Body, "\"T\""));
    }

    [Fact]
    public async Task A_running_instance_is_202_and_says_where_and_when_to_ask_again()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.StartAsync("Wait", "one", 5);

        ManagedAnswer answer = await host.GetAsync("instances/one?showInput=false&taskHub=LocalHub&connection=Storage&code=x");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(
            new Uri(host.Host.Address, "runtime/webhooks/durabletask/instances/one?showInput=false&taskHub=LocalHub&connection=Storage&code=x"),
            answer.Headers.Location);
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter!.Delta);
        Assert.Equal(("Running", JsonValueKind.Null, JsonValueKind.Null), (
            answer.Json.GetProperty("runtimeStatus").GetString(),
            answer.Json.GetProperty("input").ValueKind,
            answer.Json.GetProperty("output").ValueKind));
    }

    [Fact]
    public async Task A_failed_instance_is_200_or_500_when_asked_for()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.RunAsync("Broken", "one");

        ManagedAnswer plain = await host.GetAsync("instances/one");
        ManagedAnswer strict = await host.GetAsync("instances/one?returnInternalServerErrorOnFailure=true");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.InternalServerError), (plain.Status, strict.Status));
        Assert.Equal(plain.Body, strict.Body);
        Assert.Equal("Failed", plain.Json.GetProperty("runtimeStatus").GetString());
        Assert.EndsWith("no disk", plain.Json.GetProperty("output").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suspended_instance_is_202_with_the_reason_as_its_output()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.StartAsync("Wait", "one");
        await host.PostAsync("instances/one/suspend?reason=lunch%20break");

        ManagedAnswer answer = await host.GetAsync("instances/one");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(("Suspended", "lunch break"), (answer.Json.GetProperty("runtimeStatus").GetString(), answer.Json.GetProperty("output").GetString()));
    }

    [Theory]
    [InlineData("instances/nobody")]
    [InlineData("instances/@a@b")]
    [InlineData("instances/nobody?showHistory=true")]
    [InlineData("instances/one?taskHub=Other")]
    [InlineData("instances/one/unknown")]
    [InlineData("instances/one/")]
    [InlineData("Instances/one%2Fterminate")]
    [InlineData("")]
    [InlineData("nothing")]
    public async Task What_is_not_there_is_404(string target)
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.RunAsync("Echo", "one");
        HttpStatusCode expected = target == "instances/one/" ? HttpStatusCode.OK : HttpStatusCode.NotFound;
        Assert.Equal(expected, (await host.GetAsync(target)).Status);
    }

    [Fact]
    public async Task Text_that_only_looks_like_json_is_shown_as_text()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        foreach ((string reason, string shown) in new[] { ("%22%5Cud800%22", "\"\\ud800\""), ("%7B", "{"), ("+", ""), ("12", "12") })
        {
            await host.StartAsync("Wait", "one");
            await host.PostAsync($"instances/one/terminate?reason={reason}");
            JsonElement output = (await host.GetAsync("instances/one")).Json.GetProperty("output");
            Assert.Equal(shown, output.ValueKind == JsonValueKind.String ? output.GetString() : output.GetRawText());
        }
    }

    [Theory]
    [InlineData("showInput=maybe", "'maybe' is not a value of 'showInput': give true or false.")]
    [InlineData("showHistory=1", "'1' is not a value of 'showHistory': give true or false.")]
    public async Task Options_that_cannot_be_read_are_400(string query, string message)
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        ManagedAnswer answer = await host.GetAsync($"instances/one?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, message), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task The_history_shows_what_happened_and_results_when_asked_for()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.RunAsync("Echo", "one", 7);
        await host.RunAsync("Broken", "two");

        JsonElement short1 = (await host.GetAsync("instances/one?showHistory=true")).Json.GetProperty("historyEvents");
        JsonElement full = (await host.GetAsync("instances/one?showHistory=true&showHistoryOutput=true&showInput=false")).Json.GetProperty("historyEvents");
        JsonElement failed = (await host.GetAsync("instances/two?showHistory=true")).Json.GetProperty("historyEvents");

        Assert.Equal(["ExecutionStarted:EventType,Input,Timestamp,FunctionName", "TaskCompleted:EventType,Timestamp,ScheduledTime,FunctionName", "ExecutionCompleted:EventType,OrchestrationStatus,Timestamp"], Shape(short1));
        Assert.Equal(["ExecutionStarted:EventType,Timestamp,FunctionName", "TaskCompleted:EventType,Result,Timestamp,ScheduledTime,FunctionName", "ExecutionCompleted:EventType,OrchestrationStatus,Result,Timestamp"], Shape(full));
        Assert.Equal(("Same", 7), (full[1].GetProperty("FunctionName").GetString(), full[1].GetProperty("Result").GetInt32()));
        Assert.Equal(["ExecutionStarted", "TimerCreated", "TimerFired", "TaskFailed", "ExecutionCompleted"], failed.EnumerateArray().Select(step => step.GetProperty("EventType").GetString()));
        Assert.Equal("Function 'Fail' failed with an unhandled exception.", failed[3].GetProperty("Reason").GetString());
        Assert.Equal("no disk", failed[3].GetProperty("FailureDetails").GetProperty("ErrorMessage").GetString());
        Assert.Equal("Failed", failed[4].GetProperty("OrchestrationStatus").GetString());
        Assert.All(failed.EnumerateArray(), step => Assert.Equal(TimeSpan.Zero, step.GetProperty("Timestamp").GetDateTimeOffset().Offset));
    }

    private static IEnumerable<string> Shape(JsonElement history) => history.EnumerateArray()
        .Select(step => $"{step.GetProperty("EventType").GetString()}:{string.Join(',', step.EnumerateObject().Select(property => property.Name))}");

    [GeneratedRegex("\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\"", RegexOptions.None, 1000)]
    private static partial Regex Time();
}
