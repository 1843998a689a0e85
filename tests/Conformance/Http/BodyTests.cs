using System.Net;
using System.Net.Http.Json;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>Request bodies and their limits.</summary>
public sealed class BodyTests(ConformanceHost host)
{
    private const long UsualLimit = 30_000_000;
    private const long HostLimit = 104_857_600;

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(1_000_000, false)]
    [InlineData(1_000_000, true)]
    [InlineData(31_000_000, true)]
    public async Task A_body_arrives_byte_for_byte(long length, bool chunked)
    {
        using var content = new PatternContent(length, chunked);
        var seen = await ReadAsync("bodies/read", content);
        Assert.Equal((length, content.Sha256), (seen.Length, seen.Sha256));
        Assert.Equal("application/octet-stream", seen.ContentType);
        Assert.Equal(chunked ? null : length, seen.ContentLength);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Above_the_workers_usual_limit_it_is_500_without_a_body(bool chunked)
    {
        using var content = new PatternContent(UsualLimit + 1, chunked);
        Assert.Equal((HttpStatusCode.InternalServerError, ""), await PostAsync("bodies/usual-limit", content));
    }

    [Fact]
    public async Task The_usual_limit_itself_is_allowed()
    {
        using var content = new PatternContent(UsualLimit, chunked: false);
        Assert.Equal(UsualLimit, (await ReadAsync("bodies/usual-limit", content)).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Above_the_hosts_limit_it_is_500_without_a_body_whatever_the_app_lifts(bool chunked)
    {
        using var content = new PatternContent(HostLimit + 1, chunked);
        Assert.Equal((HttpStatusCode.InternalServerError, ""), await PostAsync("bodies/read", content));
    }

    [Fact]
    public async Task A_body_can_be_refused_before_it_is_sent()
    {
        await using var raw = await RawRequest.BeginAsync(
            host.Address,
            $"POST /conformance/v1/bodies/refused HTTP/1.1\nHost: {host.Address.Authority}\nTransfer-Encoding: chunked\nExpect: 100-continue\n\n");
        var head = await raw.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 429", head, StringComparison.Ordinal);
        Assert.Contains("Retry-After: 3", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_client_that_dies_in_the_middle_breaks_the_read()
    {
        var key = ConformanceHost.NewId();
        await using (await RawRequest.BeginAsync(
            host.Address,
            $"POST /conformance/v1/bodies/cut/{key} HTTP/1.1\nHost: {host.Address.Authority}\nTransfer-Encoding: chunked\n\n5\nfirst\n"))
        {
            await host.ObservedAsync(key, 1);
        }

        Assert.Equal("broken off", (await host.ObservedAsync(key, 2))[1].Text);
    }

    private async Task<BodySeen> ReadAsync(string target, HttpContent content)
    {
        using var response = await SendAsync(target, content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<BodySeen>(TestContext.Current.CancellationToken))!;
    }

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string target, HttpContent content)
    {
        using var response = await SendAsync(target, content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    // With "Expect: 100-continue" a client reads an early answer before it sends the whole body.
    private async Task<HttpResponseMessage> SendAsync(string target, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = content };
        request.Headers.ExpectContinue = true;
        return await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
