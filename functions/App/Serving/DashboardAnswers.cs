using DataPlatform.Gateway;
using DataPlatform.Serving;
using DataPlatform.Serving.Dashboards;
using DataPlatform.Serving.TableReading;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Serving;

/// <summary>Answers requests for what dashboards show, and for links to them.</summary>
public sealed class DashboardAnswers(DashboardReads reads, MartFreshness freshness, DashboardLinkRequests requests, DashboardLinks signer, Links links)
{
    public async Task<IResult> TileAsync(HttpRequest request, string dashboard, string tile, CancellationToken cancellationToken)
    {
        var view = await reads.OpenTileAsync(dashboard, tile, request.Query, DashboardLink.Of(request.HttpContext)?.Filters, cancellationToken);
        var headers = await HeadersAsync(view.Mart, view.ETag, cancellationToken);
        return EntityTags.Has(request, view.ETag)
            ? new EmptyAnswer(StatusCodes.Status304NotModified) { Headers = headers }
            : new JsonAnswer(StatusCodes.Status200OK, await reads.ReadTileAsync(view, cancellationToken)) { Headers = headers };
    }

    public async Task<IResult> ValuesAsync(HttpRequest request, string dashboard, string dimension, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var (mart, filter, etag) = await reads.OpenFilterAsync(dashboard, dimension, DashboardLink.Of(request.HttpContext)?.Filters, cancellationToken);
        var headers = await HeadersAsync(mart, etag, cancellationToken);
        return EntityTags.Has(request, etag)
            ? new EmptyAnswer(StatusCodes.Status304NotModified) { Headers = headers }
            : new JsonAnswer(StatusCodes.Status200OK, await reads.ReadFilterAsync(mart, filter, dimension, cancellationToken)) { Headers = headers };
    }

    public async Task<IResult> LinkAsync(HttpRequest request, string dashboard, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var asked = await requests.ReadAsync(dashboard, await DocumentReader.ReadOptionalAsync(request, cancellationToken), cancellationToken);
        var token = signer.Create(new DashboardLink(dashboard, asked.Expires, asked.Filters));

        // Behind the '#': browsers send that to no server, so it stands in no log.
        return new JsonAnswer(StatusCodes.Status201Created, new { Url = links.To(request, $"/embed/{dashboard}#token={token}"), Token = token, asked.Expires, asked.Filters })
        {
            Headers = new Dictionary<string, string> { ["Cache-Control"] = "no-store" },
        };
    }

    /// <summary>Whether a mart is stale is no part of its rows: it is told with 304, too.</summary>
    private async Task<Dictionary<string, string>> HeadersAsync(PinnedTable mart, string etag, CancellationToken cancellationToken)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        mart.SetHeaders(headers, await freshness.IsStaleAsync(mart, cancellationToken));
        headers.ETag = etag;
        headers.CacheControl = "private, no-cache";
        headers.Vary = $"{ApiKeys.Header}, {DashboardLinks.Header}";
        return headers.ToDictionary(header => header.Key, header => header.Value.ToString());
    }
}
