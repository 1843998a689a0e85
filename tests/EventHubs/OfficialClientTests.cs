using System.Diagnostics;
using DataPlatform.TestKit;

namespace DataPlatform.Local.EventHubs.Tests;

/// <summary>The official JavaScript client and its checkpoint store, against our endpoint. Each scenario asserts by itself.</summary>
public sealed class OfficialClientTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("properties")]
    [InlineData("round-trip")]
    [InlineData("positions")]
    [InlineData("last-enqueued")]
    [InlineData("keys")]
    [InlineData("epochs")]
    [InlineData("too-many-readers")]
    [InlineData("limits")]
    [InlineData("refusals")]
    [InlineData("idle")]
    public async Task The_official_client_gets_what_it_expects(string scenario)
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await RunAsync(scenario, endpoint, "");
    }

    [Fact]
    public async Task Two_official_consumers_share_the_partitions_and_one_takes_over()
    {
        var storage = await azurite.GetStorageAsync();
        await using var endpoint = await TestEndpoint.StartAsync();
        await RunAsync("balance", endpoint, storage);
    }

    private static async Task RunAsync(string scenario, TestEndpoint endpoint, string storage)
    {
        var token = TestContext.Current.CancellationToken;
        Assert.SkipUnless(Directory.Exists(Path.Combine(Repository.Root, "node_modules", "@azure", "event-hubs")), "npm packages are not installed: ./dev test does it");
        var script = Path.Combine(Repository.Root, "tests", "EventHubs", "Judges", "official-client.mjs");
        var start = new ProcessStartInfo("node", [script, scenario]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["EVENT_HUBS"] = endpoint.ConnectionString;
        start.Environment["STORAGE"] = storage;
        using var node = Process.Start(start)!;
        using var stop = token.Register(() => node.Kill());
        var output = node.StandardOutput.ReadToEndAsync(token);
        var error = await node.StandardError.ReadToEndAsync(token);
        await node.WaitForExitAsync(token);
        Assert.True(node.ExitCode == 0, error);
        Assert.Equal($"{scenario}: ok", (await output).Trim());
    }
}
