using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Rows of a mart and its source over HTTP, as clients read them.</summary>
public sealed class RowsTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private readonly PlatformApi _api = new(platform.Client);

    [Fact]
    public async Task Pages_groups_formats_and_304_go_over_http()
    {
        var (dataset, mart) = (PlatformFixture.NewName("visits"), PlatformFixture.NewName("daily"));
        await _api.PutAsync("datasets", dataset, """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "day", "type": "date"}, {"name": "wait", "type": "int32"} ] }""");
        await _api.PutAsync("marts", mart, $$"""
            { "source": "{{dataset}}", "dimensions": [ {"name": "day"} ], "freshness": "PT1H",
              "measures": [ {"name": "visits", "type": "count"}, {"name": "mean", "type": "avg", "sql": "wait"} ] }
            """);
        await _api.IngestAsync(dataset, "id,day,wait\n" + string.Concat(Enumerable.Range(0, 2_300).Select(id => $"{id},{Day(id)},{id % 50}\n")));
        await _api.RunAsync($"/api/v1/marts/{mart}/refreshes");

        // Pages, by the links.
        List<long> read = [];
        for (var link = $"/api/v1/datasets/{dataset}/rows?orderby=wait desc&select=id"; link is not null;)
        {
            var page = await _api.GetAsync(link);
            read.AddRange(page.GetProperty("value").EnumerateArray().Select(row => row.GetProperty("id").GetInt64()));
            link = page.TryGetProperty("nextLink", out var next) ? next.GetString() : null;
        }

        Assert.Equal(Enumerable.Range(0, 2_300).OrderByDescending(id => id % 50).Select(id => (long)id % 50), read.Select(id => id % 50));
        Assert.Equal(2_300, read.Distinct().Count());

        // Groups of the mart, twice: from its files and from memory.
        for (var time = 0; time < 4; time++)
        {
            var all = (await _api.GetAsync($"/api/v1/marts/{mart}/rows?apply=aggregate(visits,mean)&top={time + 1}")).GetProperty("value")[0];
            Assert.Equal((2_300, Enumerable.Range(0, 2_300).Average(id => id % 50)), (all.GetProperty("visits").GetInt64(), Math.Round(all.GetProperty("mean").GetDouble(), 10)));
        }

        using var packed = await SendAsync($"/api/v1/datasets/{dataset}/rows?format=ndjson", request => request.Headers.AcceptEncoding.Add(new("gzip")));
        Assert.Equal(["gzip"], packed.Content.Headers.ContentEncoding);
        using var unpacked = new StreamReader(new GZipStream(await packed.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        var lines = (await unpacked.ReadToEndAsync()).TrimEnd('\n').Split('\n');
        Assert.Equal(2_300, lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt64()).Distinct().Count());

        using var parquet = await SendAsync($"/api/v1/marts/{mart}/rows", request => request.Headers.Accept.Add(new("application/vnd.apache.parquet")));
        var file = await parquet.Content.ReadAsByteArrayAsync();
        Assert.Equal("PAR1", Encoding.ASCII.GetString(file[..4]));
        Assert.Equal("PAR1", Encoding.ASCII.GetString(file[^4..]));
        Assert.Equal("false", parquet.Headers.GetValues("Data-Stale").Single());

        using var same = await SendAsync($"/api/v1/datasets/{dataset}/rows?format=ndjson", request => request.Headers.IfNoneMatch.Add(packed.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.StartsWith("total;dur=", same.Headers.GetValues("Server-Timing").Single(), StringComparison.Ordinal);
    }

    private static string Day(int id) => new DateOnly(2026, 1, 1).AddDays(id % 23).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<HttpResponseMessage> SendAsync(string path, Action<HttpRequestMessage> set)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        set(request);
        return await _api.Client.SendAsync(request);
    }
}
