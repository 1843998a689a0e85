using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace DataPlatform.App.Tests.Serving;

public sealed partial class PageRoutesTests(AppHostFixture app) : IClassFixture<AppHostFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/", "'none'")]
    [InlineData("/dashboards", "'none'")]
    [InlineData("/dashboards/any", "'none'")]
    [InlineData("/embed/any", "*")]
    public async Task A_page_needs_no_key_loads_from_this_site_only_and_says_who_may_frame_it(string path, string frames)
    {
        using var client = new HttpClient { BaseAddress = app.Client.BaseAddress };
        using var page = await client.GetAsync(path, Token);
        var text = await page.Content.ReadAsStringAsync(Token);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.EndsWith($"frame-ancestors {frames}", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(frames == "'none'", page.Headers.Contains("X-Frame-Options"));
        Assert.DoesNotMatch("<script>|style=|onload=", text);

        // What it loads is there, and stays for good under its address.
        var assets = Asset().Matches(text).Select(match => match.Groups["path"].Value).ToList();
        Assert.Contains(assets, asset => asset.EndsWith("/style.css", StringComparison.Ordinal));
        foreach (var asset in assets)
        {
            using var file = await client.GetAsync(asset, Token);
            Assert.Equal((HttpStatusCode.OK, true), (file.StatusCode, file.Headers.CacheControl!.Extensions.Any(extension => extension.Name == "immutable")));
        }
    }

    [Fact]
    public async Task A_page_that_a_browser_has_is_not_sent_again()
    {
        using var first = await app.Client.GetAsync("/", Token);
        Assert.Equal((true, false), (first.Headers.CacheControl!.NoCache, first.Headers.ETag!.IsWeak));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag);
        using var second = await app.Client.SendAsync(request, Token);
        Assert.Equal((HttpStatusCode.NotModified, 0), (second.StatusCode, (await second.Content.ReadAsByteArrayAsync(Token)).Length));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData("")]
    public async Task Scripts_are_compressed_as_browsers_accept_it(string encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/of-an-older-page/echarts-6.1.0.min.js");
        if (encoding.Length > 0)
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
        using var response = await app.Client.SendAsync(request, Token);
        var bytes = await response.Content.ReadAsByteArrayAsync(Token);

        Assert.Equal(encoding, string.Concat(response.Content.Headers.ContentEncoding));
        Assert.Equal(encoding.Length > 0, bytes.Length < 450_000);
        Assert.Equal("text/javascript", response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.CacheControl!.NoCache, "The address of another version is not kept for good.");
    }

    [Theory]
    [InlineData("/assets/x/home.html")]
    [InlineData("/assets/x/..%2fhome.js")]
    public async Task Other_addresses_below_assets_are_not_there(string path)
    {
        using var response = await app.Client.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [GeneratedRegex("(?:src|href)=\"(?<path>/assets/[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Asset();
}
