using System.Globalization;
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

    [Fact]
    public async Task A_large_response_streams_without_memory_growing_with_it()
    {
        const int blocks = 1600; // of 64 KiB: 105 MB
        using var response = await BeginAsync($"results/large/{blocks}");
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await Skip(body, blocks * 64L * 1024);
        using var reader = new StreamReader(body);
        var growth = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.InRange(long.Parse(growth["growth=".Length..], CultureInfo.InvariantCulture), 0, 60_000_000);
    }

    private static async Task Skip(Stream stream, long length)
    {
        var buffer = new byte[64 * 1024];
        while (length > 0)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), TestContext.Current.CancellationToken);
            Assert.True(count > 0, $"The response ended {length} bytes too early.");
            length -= count;
        }
    }

    private Task<HttpResponseMessage> BeginAsync(string target) =>
        host.Http.GetAsync(new Uri(target, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
}
