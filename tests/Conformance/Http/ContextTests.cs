using System.Net;
using System.Net.Http.Json;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>What a function learns of its invocation, and how it is told to stop.</summary>
public sealed class ContextTests(ConformanceHost host)
{
    [Fact]
    public async Task Each_invocation_has_an_id_of_its_own_and_the_function_its_name()
    {
        var first = await AskAsync("context/a");
        var second = await AskAsync("context/b");
        Assert.True(Guid.TryParse(first.InvocationId, out _), first.InvocationId);
        Assert.NotEqual(first.InvocationId, second.InvocationId);
        Assert.Equal(first.FunctionId, second.FunctionId);
        Assert.Equal("context_read", first.Name);
        Assert.True(first.SameRequest);
        Assert.True(first.SameToken);
    }

    [Fact]
    public async Task Route_values_are_binding_data() => Assert.Contains("part", (await AskAsync("context/a")).Bindings);

    [Fact]
    public async Task The_callers_trace_goes_on_where_the_host_keeps_traces()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var seen = await AskAsync("context/a", ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"));
        Assert.True(seen.TraceParent.Length == 0 || seen.TraceParent.Contains(trace, StringComparison.Ordinal), seen.TraceParent);
    }

    [Fact]
    public async Task Forwarded_headers_of_a_client_vanish_and_others_arrive()
    {
        var seen = await AskAsync("context/a", ("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Host", "evil"), ("X-Forwarded-Proto", "https"), ("X-Other", "kept"));
        Assert.Contains("X-Other", seen.Headers, StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(seen.Headers, name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_invocation_id_of_a_client_makes_the_request_a_500()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "context/a");
        request.Headers.Add("x-ms-invocation-id", "mine");
        using var response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task A_principal_that_a_client_claims_arrives_so_nobody_may_trust_it() =>
        Assert.Contains(
            "x-ms-client-principal",
            (await AskAsync("context/a", ("x-ms-client-principal", "eyJ4IjoxfQ=="))).Headers,
            StringComparer.OrdinalIgnoreCase);

    [Fact]
    public async Task The_token_fires_when_the_client_goes_away()
    {
        var key = ConformanceHost.NewId();
        await using (await RawRequest.BeginAsync(host.Address, $"GET /conformance/v1/context-waits/{key} HTTP/1.1\nHost: {host.Address.Authority}\n\n"))
        {
            await host.ObservedAsync(key, 1);
        }

        Assert.Equal("canceled", (await host.ObservedAsync(key, 2))[1].Text);
    }

    [Fact]
    public async Task A_function_that_a_setting_disables_is_not_there()
    {
        Assert.SkipUnless(host.Capabilities.DisabledFunction, "The host was started without AzureWebJobs.settings_disabled.Disabled=true.");
        Assert.Equal((HttpStatusCode.NotFound, ""), await host.GetAsync("settings-disabled"));
    }

    private async Task<ContextSeen> AskAsync(string target, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (await response.Content.ReadFromJsonAsync<ContextSeen>(TestContext.Current.CancellationToken))!;
    }
}
