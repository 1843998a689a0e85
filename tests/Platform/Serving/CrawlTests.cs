using DataPlatform.Serving;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Serving;

/// <summary>While a mart is made anew again and again, many readers page through it.</summary>
public sealed class CrawlTests : IAsyncLifetime
{
    private const int Readers = 50;
    private const int Crawls = 2;
    private const int Rows = 2_500;

    private readonly ServingBed _bed = new();
    private readonly ServedTable _mart = ServingBed.Mart with
    {
        Key = ["day"],
        Mart = new() { Name = "sums", Source = "facts", Dimensions = [new("day")], Measures = [new("made", DataPlatform.Catalog.MeasureType.Count)] },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await RefreshAsync(0);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("?orderby=made,day desc")]
    [InlineData("?select=day,made")]
    public async Task Every_crawl_is_of_one_version_and_whole(string query)
    {
        using var done = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            var version = 0;
            while (!done.IsCancellationRequested)
                await RefreshAsync(++version);
            return version;
        }, Token);

        var versions = await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Task.Run(async () =>
        {
            HashSet<long> seen = [];
            for (var crawl = 0; crawl < Crawls; crawl++)
                seen.Add(await CrawlAsync(query));
            return seen;
        }, Token)));
        await done.CancelAsync();

        Assert.True(await writing > 1);
        Assert.True(versions.SelectMany(seen => seen).Distinct().Count() > 1);
    }

    /// <returns>The version that all pages are of.</returns>
    private async Task<long> CrawlAsync(string query)
    {
        HashSet<string> days = [];
        HashSet<long> made = [];
        for (var after = ""; ;)
        {
            var page = ServingBed.Json(await _bed.GetAsync(_mart, query + after));
            foreach (var row in page.GetProperty("value").EnumerateArray())
            {
                Assert.True(days.Add(row.GetProperty("day").GetString()!));
                made.Add(row.GetProperty("made").GetInt64());
            }

            if (!page.TryGetProperty("next", out var next))
                break;
            after = $"&after={next.GetString()}";
        }

        Assert.Equal(Rows, days.Count);
        return Assert.Single(made);
    }

    /// <summary>Every row says which refresh made it.</summary>
    private Task<Commit> RefreshAsync(int version) =>
        _bed.WriteAsync($"SELECT DATE '2001-01-01' + range::INTEGER AS day, {version}::BIGINT AS made FROM range({Rows})", table: _mart);
}
