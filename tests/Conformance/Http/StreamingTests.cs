using System.Text;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>Responses that leave before they are complete.</summary>
public sealed class StreamingTests(ConformanceHost host)
{
    [Fact]
    public async Task A_flushed_part_arrives_before_the_end()
    {
        var key = ConformanceHost.NewId();
        using var response = await BeginAsync($"results/in-parts/{key}");
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var part = new byte[5];
        await body.ReadExactlyAsync(part, TestContext.Current.CancellationToken);
        Assert.Equal("first", Encoding.ASCII.GetString(part));

        await host.OpenGateAsync(key);
        using var reader = new StreamReader(body);
        Assert.Equal(" last", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_exception_after_the_first_byte_breaks_the_connection_off()
    {
        // When the break overtakes the head, there is no response at all.
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using var response = await BeginAsync("results/throws-late");
            Assert.True(response.IsSuccessStatusCode);
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        });
    }

    private Task<HttpResponseMessage> BeginAsync(string target) =>
        host.Http.GetAsync(new Uri(target, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
}
