using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace DataPlatform.Conformance.Tests.Management;

/// <summary>The durable HTTP management API, with the key that the app's own payload carries.</summary>
internal sealed class ManagementApi(ConformanceHost host)
{
    private string? _query;

    /// <param name="target">Relative to <c>/runtime/webhooks/durabletask/</c>.</param>
    /// <param name="token">For <c>x-ms-continuation-token</c>.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, string? json = null, string? token = null)
    {
        _query ??= new Uri((await host.Durable.PayloadAsync("any")).StatusQueryGetUri).Query.TrimStart('?');
        var join = target.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        using var request = new HttpRequestMessage(method, new Uri(host.Address, $"/runtime/webhooks/durabletask/{target}{join}{_query}"));
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        if (token is not null)
            request.Headers.Add("x-ms-continuation-token", token);
        return await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string target, string? json = null)
    {
        using var response = await SendAsync(method, target, json);
        return response.StatusCode;
    }

    /// <summary>Follows an address of a payload on the host under test, whatever name the host gives itself.</summary>
    public Task<HttpResponseMessage> FollowAsync(HttpMethod method, string address, string? json = null)
    {
        var request = new HttpRequestMessage(method, new Uri(host.Address, new Uri(address).PathAndQuery));
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return host.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
