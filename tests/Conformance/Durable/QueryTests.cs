using System.Net;
using System.Net.Http.Json;

namespace DataPlatform.Conformance.Tests.Durable;

/// <summary>Reading one instance, or a listing.</summary>
public sealed class QueryTests(ConformanceHost host)
{
    [Fact]
    public async Task An_instance_shows_input_and_output_only_when_asked()
    {
        var id = (await host.Durable.RunAsync("flow_echo", "x")).Id;
        var full = (await host.Durable.FindAsync(id))!;
        Assert.Equal(("\"x\"", "\"x\""), (full.Input, full.Output));
        Assert.True(full is { IsCompleted: true, IsRunning: false });
        Assert.InRange(full.LastUpdatedAt, full.CreatedAt, full.CreatedAt.AddMinutes(1));

        using var response = await host.Durable.SendAsync(HttpMethod.Get, $"instances/{id}?bare=1");
        var bare = (await response.Content.ReadFromJsonAsync<Instance>(TestContext.Current.CancellationToken))!;
        Assert.Equal((null, null), (bare.Input, bare.Output));
        Assert.Equal("Completed", bare.Status);
    }

    [Fact]
    public async Task An_unknown_instance_is_null() => Assert.Null(await host.Durable.FindAsync(ConformanceHost.NewId()));

    [Fact]
    public async Task A_listing_goes_page_by_page_and_gives_each_once()
    {
        var (prefix, ids) = await StartSeveralAsync(5);
        List<string> seen = [];
        var pages = 0;
        string? token = null;
        do
        {
            var page = await host.Durable.QueryAsync($"prefix={prefix}&size=2" + (token is null ? "" : $"&token={Uri.EscapeDataString(token)}"));
            Assert.InRange(page.Instances.Count, 0, 2);
            seen.AddRange(page.Instances.Select(instance => instance.Id));
            token = page.Token;
            Assert.True(++pages < 20);
        }
        while (token is not null);

        Assert.Equal(ids.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Walking_all_pages_gives_each_once()
    {
        var (prefix, ids) = await StartSeveralAsync(5);
        using var response = await host.Durable.SendAsync(HttpMethod.Get, $"all-instances?prefix={prefix}");
        var seen = await response.Content.ReadFromJsonAsync<List<string>>(TestContext.Current.CancellationToken);
        Assert.Equal(ids.Order(StringComparer.Ordinal), seen!.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_listing_filters_by_status_and_time()
    {
        var (prefix, ids) = await StartSeveralAsync(2);
        var waiting = $"{prefix}-waiting";
        await host.Durable.TryStartAsync("event_wait", waiting, "never");
        await host.Durable.UntilAsync(waiting, "Running");

        Assert.Equal([waiting], await IdsAsync($"prefix={prefix}&status=Running,Pending"));
        Assert.Equal(ids.Order(StringComparer.Ordinal), (await IdsAsync($"prefix={prefix}&status=Completed")).Order(StringComparer.Ordinal));
        Assert.Empty(await IdsAsync($"prefix={prefix}&status=Failed"));

        var created = (await host.Durable.FindAsync(waiting))!.CreatedAt;
        Assert.Contains(waiting, await IdsAsync($"prefix={prefix}&from={Time(created.AddSeconds(-1))}"));
        Assert.Empty(await IdsAsync($"prefix={prefix}&from={Time(created.AddMinutes(5))}"));
        Assert.Empty(await IdsAsync($"prefix={prefix}&to={Time(created.AddMinutes(-5))}"));
        Assert.Equal(3, (await IdsAsync($"prefix={prefix}&to={Time(created.AddMinutes(5))}")).Count);
        await host.Durable.TerminateAsync(waiting);
    }

    [Fact]
    public async Task A_listing_shows_inputs_and_outputs_only_when_asked()
    {
        var (prefix, _) = await StartSeveralAsync(1);
        Assert.Null(Assert.Single((await host.Durable.QueryAsync($"prefix={prefix}")).Instances).Input);
        Assert.Equal("\"x\"", Assert.Single((await host.Durable.QueryAsync($"prefix={prefix}&full=1")).Instances).Input);
    }

    private static string Time(DateTimeOffset time) => Uri.EscapeDataString(time.ToString("o"));

    private async Task<List<string>> IdsAsync(string query) =>
        [.. (await host.Durable.QueryAsync(query)).Instances.Select(instance => instance.Id)];

    private async Task<(string Prefix, List<string> Ids)> StartSeveralAsync(int count)
    {
        var prefix = ConformanceHost.NewId("query");
        List<string> ids = [.. Enumerable.Range(0, count).Select(number => $"{prefix}-{number}")];
        foreach (var id in ids)
            Assert.Equal(HttpStatusCode.OK, await host.Durable.TryStartAsync("flow_echo", id, "x"));
        foreach (var id in ids)
            await host.Durable.CompletedAsync(id);
        return (prefix, ids);
    }
}
