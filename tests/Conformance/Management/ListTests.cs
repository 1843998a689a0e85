using System.Net;
using System.Net.Http.Json;

namespace DataPlatform.Conformance.Tests.Management;

/// <summary>Listing and purging over the management API.</summary>
public sealed class ListTests(ConformanceHost host)
{
    private const string Token = "x-ms-continuation-token";
    private readonly ManagementApi _api = new(host);

    [Fact]
    public async Task A_listing_goes_page_by_page_with_a_token_in_a_header()
    {
        var (prefix, ids) = await RunSeveralAsync(5);
        List<string> seen = [];
        string? token = null;
        var pages = 0;
        do
        {
            using var response = await _api.SendAsync(HttpMethod.Get, $"instances?instanceIdPrefix={prefix}&top=2", token: token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            seen.AddRange((await ReadAsync(response)).Select(instance => instance.InstanceId));
            token = response.Headers.TryGetValues(Token, out var values) ? values.Single() : null;
            Assert.True(++pages < 20);
        }
        while (!string.IsNullOrEmpty(token));

        Assert.Equal(ids.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_listing_filters_by_status_and_time()
    {
        var (prefix, ids) = await RunSeveralAsync(1);
        var created = (await host.Durable.FindAsync(ids[0]))!.CreatedAt.UtcDateTime;
        Assert.Equal(ids, await IdsAsync($"instanceIdPrefix={prefix}&runtimeStatus=Completed,Failed"));
        Assert.Empty(await IdsAsync($"instanceIdPrefix={prefix}&runtimeStatus=Running&runtimeStatus=Pending"));
        Assert.Equal(ids, await IdsAsync($"instanceIdPrefix={prefix}&createdTimeFrom={created.AddMinutes(-5):s}Z&createdTimeTo={created.AddMinutes(5):s}Z"));
        Assert.Empty(await IdsAsync($"instanceIdPrefix={prefix}&createdTimeFrom={created.AddMinutes(5):s}Z"));
    }

    [Fact]
    public async Task One_instance_is_purged_with_200_and_the_count()
    {
        var (_, ids) = await RunSeveralAsync(1);
        using var response = await _api.SendAsync(HttpMethod.Delete, $"instances/{ids[0]}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"instancesDeleted\":1", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await _api.StatusAsync(HttpMethod.Delete, $"instances/{ids[0]}"));
    }

    [Fact]
    public async Task A_purge_by_filter_wants_a_time_and_is_404_when_nothing_matches()
    {
        Assert.Equal(HttpStatusCode.BadRequest, await _api.StatusAsync(HttpMethod.Delete, "instances"));
        Assert.Equal(
            HttpStatusCode.NotFound,
            await _api.StatusAsync(HttpMethod.Delete, "instances?createdTimeFrom=2001-01-01T00:00:00Z&createdTimeTo=2001-01-02T00:00:00Z"));
    }

    private static async Task<List<ManagedInstance>> ReadAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<List<ManagedInstance>>(TestContext.Current.CancellationToken))!;

    private async Task<List<string>> IdsAsync(string query)
    {
        using var response = await _api.SendAsync(HttpMethod.Get, $"instances?{query}");
        return [.. (await ReadAsync(response)).Select(instance => instance.InstanceId)];
    }

    private async Task<(string Prefix, List<string> Ids)> RunSeveralAsync(int count)
    {
        var prefix = ConformanceHost.NewId("list");
        List<string> ids = [.. Enumerable.Range(0, count).Select(number => $"{prefix}-{number}")];
        foreach (var id in ids)
            await host.Durable.TryStartAsync("flow_echo", id, "x");
        foreach (var id in ids)
            await host.Durable.CompletedAsync(id);
        return (prefix, ids);
    }
}
