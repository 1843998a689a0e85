using Azure.Messaging.EventHubs;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Tests.EventHubs;

public sealed class EventHubFunctionTests
{
    private const string Connection = "Endpoint=sb://localhost:1;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;";

    public sealed class Batched
    {
        [Function("batched"), ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
        public void Run([EventHubTrigger("%Hub%", Connection = "Hubs", ConsumerGroup = "%Group%")] EventData[] events)
        {
        }
    }

    public sealed class Wrong
    {
        [Function("one_of_many")]
        public void One([EventHubTrigger("hub", Connection = "Hubs")] EventData one)
        {
        }

        [Function("no_hub"), FixedDelayRetry(-2, "00:00:01")]
        public void NoHub([EventHubTrigger("%Missing%", Connection = "Hubs")] EventData[] events)
        {
        }

        [Function("no_events")]
        public void NoEvents([EventHubTrigger("hub", Connection = "Hubs", IsBatched = false)] string text)
        {
        }
    }

    [Fact]
    public async Task Without_its_connection_the_function_is_left_out_and_one_line_says_so()
    {
        await using var host = await TestHost.StartAsync(typeof(Batched));
        Assert.Empty(host.Get<FunctionCatalog>().All);
        var line = Assert.Single(host.Logs.Entries, e => e.Message.Contains("batched", StringComparison.Ordinal));
        Assert.Equal("Function batched is left out: the setting Hubs, its connection to Event Hubs, is not there.", line.Message);
    }

    [Fact]
    public async Task A_disabled_function_is_told_as_disabled()
    {
        await using var host = await TestHost.StartAsync([typeof(Batched)], null, args: ["--AzureWebJobs_batched_Disabled", "true"]);
        Assert.Equal("Disabled functions: batched.", Assert.Single(host.Logs.Entries, e => e.Message.Contains("batched", StringComparison.Ordinal)).Message);
    }

    [Fact]
    public async Task Wrong_functions_do_not_start()
    {
        var exception = await Assert.ThrowsAsync<StartException>(() => TestHost.StartAsync([typeof(Wrong)], null, args: ["--Hubs", Connection]));
        Assert.Contains("Function one_of_many: its trigger parameter is EventData; take EventData[], or set IsBatched to false.", exception.Reasons);
        Assert.Contains("Function no_events: its trigger parameter is String; take EventData, or set IsBatched to true.", exception.Reasons);
        Assert.Contains("Function no_hub: its event hub '%Missing%' names settings that are not there: Missing; write the name, or set the setting.", exception.Reasons);
    }

    [Theory]
    [InlineData("Endpoint=sb://localhost;SharedAccessKeyName=n", "the setting Hubs is not a connection string of Event Hubs: SharedAccessKey is missing")]
    [InlineData("secret", "the setting Hubs is not a connection string of Event Hubs: A part is not name=value")]
    public async Task A_wrong_connection_string_does_not_start_and_is_not_told(string connection, string problem)
    {
        var exception = await Assert.ThrowsAsync<StartException>(() => TestHost.StartAsync([typeof(Batched)], null, args: ["--Hubs", connection, "--Hub", "h", "--Group", "g"]));
        Assert.Equal($"Function batched: {problem}; write a connection string in the setting Hubs.", Assert.Single(exception.Reasons));
    }

    [Fact]
    public async Task A_managed_identity_is_told_to_be_impossible_here()
    {
        var exception = await Assert.ThrowsAsync<StartException>(() => TestHost.StartAsync(
            [typeof(Batched)], null, args: ["--Hubs:fullyQualifiedNamespace", "x.servicebus.windows.net", "--Hub", "h", "--Group", "g"]));
        Assert.Contains("managed identity", Assert.Single(exception.Reasons), StringComparison.Ordinal);
    }
}
