using System.Globalization;
using System.Net.Http.Json;

namespace DataPlatform.Conformance.Tests.Http;

/// <summary>Large bodies pass through without memory growing with them. Alone, since the app measures its whole process.</summary>
[Collection(Alone.Name)]
public sealed class MemoryTests(ConformanceHost host)
{
    private const long Most = 50_000_000;

    [Fact]
    public async Task A_chunked_request_streams()
    {
        using var content = new PatternContent(100_000_000, chunked: true);
        using var response = await host.Http.PostAsync(new Uri("bodies/read", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var seen = (await response.Content.ReadFromJsonAsync<BodySeen>(TestContext.Current.CancellationToken))!;
        Assert.Equal(100_000_000, seen.Length);
        Assert.InRange(seen.GrowthBytes, 0, Most);
    }

    [Fact]
    public async Task A_response_streams()
    {
        const int blocks = 1600; // of 64 KiB: 105 MB
        using var response = await host.Http.GetAsync(
            new Uri($"results/large/{blocks}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await ReadAsync(body, blocks * 64L * 1024);
        using var reader = new StreamReader(body);
        var growth = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.InRange(long.Parse(growth["growth=".Length..], CultureInfo.InvariantCulture), 0, Most);
    }

    private static async Task ReadAsync(Stream stream, long length)
    {
        var buffer = new byte[64 * 1024];
        while (length > 0)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), TestContext.Current.CancellationToken);
            Assert.True(count > 0, $"The response ended {length} bytes too early.");
            length -= count;
        }
    }
}
