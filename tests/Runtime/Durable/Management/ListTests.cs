using System.Net;
using System.Text.Json;

namespace DataPlatform.Local.Runtime.Tests.Durable.Management;

public sealed class ListTests
{
    [Fact]
    public async Task A_listing_is_walked_page_by_page()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        for (int i = 0; i < 5; i++) await host.RunAsync("Echo", $"a-{i}", i);

        List<string> ids = [];
        List<int> sizes = [];
        string? token = null;
        do
        {
            ManagedAnswer page = token is null
                ? await host.GetAsync("instances?top=2")
                : await host.CallAsync("GET", "instances/?top=2", headers: ("x-ms-continuation-token", token));
            Assert.Equal(HttpStatusCode.OK, page.Status);
            sizes.Add(page.Json.GetArrayLength());
            ids.AddRange(page.Json.EnumerateArray().Select(instance => instance.GetProperty("instanceId").GetString()!));
            token = page.Token;
        }
        while (token is not null);

        Assert.Equal([2, 2, 1], sizes);
        Assert.Equal(["a-0", "a-1", "a-2", "a-3", "a-4"], ids);
    }

    [Fact]
    public async Task A_listing_is_filtered()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.RunAsync("Echo", "a-done", 1);
        await host.RunAsync("Broken", "b-failed");
        await host.StartAsync("Wait", "b-open");

        Assert.Equal(["a-done", "b-failed", "b-open"], await Ids(host, ""));
        Assert.Equal(["b-failed", "b-open"], await Ids(host, "instanceIdPrefix=b-"));
        Assert.Equal(["a-done", "b-failed"], await Ids(host, "runtimeStatus=Completed,Failed"));
        Assert.Equal(["a-done", "b-open"], await Ids(host, "runtimeStatus=completed&runtimeStatus=Running&runtimeStatus="));
        Assert.Equal(["a-done", "b-failed", "b-open"], await Ids(host, "createdTimeFrom=2020-01-01T00:00:00Z&createdTimeTo=2999-01-01"));
        Assert.Empty(await Ids(host, "createdTimeTo=2020-01-01T01:00:00%2B01:00"));
        Assert.Empty(await Ids(host, "taskHub=Other"));
        Assert.Equal(["a-done"], await Ids(host, "taskHub=localhub&top=1"));
    }

    [Fact]
    public async Task Inputs_are_shown_unless_not_wanted()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        await host.RunAsync("Echo", "one", 1);

        JsonElement shown = (await host.GetAsync("instances")).Json[0];
        JsonElement bare = (await host.GetAsync("instances?showInput=false")).Json[0];

        Assert.Equal((1, 1), (shown.GetProperty("input").GetInt32(), bare.GetProperty("output").GetInt32()));
        Assert.Equal(JsonValueKind.Null, bare.GetProperty("input").ValueKind);
    }

    [Theory]
    [InlineData("top=0", "'0' is not a value of 'top': give a whole number of at least 1.")]
    [InlineData("top=many", "'many' is not a value of 'top': give a whole number of at least 1.")]
    [InlineData("createdTimeFrom=yesterday", "'yesterday' is not a value of 'createdTimeFrom': give a time such as 2026-01-31T18:30:00Z.")]
    [InlineData("runtimeStatus=Completed,Done", "'Done' is not a value of 'runtimeStatus': give Running, Completed, ContinuedAsNew, Failed, Canceled, Terminated, Pending, Suspended.")]
    [InlineData("runtimeStatus=1", "'1' is not a value of 'runtimeStatus': give Running, Completed, ContinuedAsNew, Failed, Canceled, Terminated, Pending, Suspended.")]
    public async Task Filters_that_cannot_be_read_are_400(string query, string message)
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        ManagedAnswer answer = await host.GetAsync($"instances?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, message), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task A_token_of_somebody_else_is_400()
    {
        await using ManagedHost host = await ManagedHost.StartAsync();
        ManagedAnswer answer = await host.CallAsync("GET", "instances", headers: ("x-ms-continuation-token", "?!"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("continuation token", answer.Json.GetProperty("ExceptionMessage").GetString(), StringComparison.Ordinal);
    }

    private static async Task<string[]> Ids(ManagedHost host, string query) =>
        [.. (await host.GetAsync($"instances?{query}")).Json.EnumerateArray().Select(instance => instance.GetProperty("instanceId").GetString()!)];
}
