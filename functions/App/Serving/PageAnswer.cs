using DataPlatform.Gateway;
using DataPlatform.Serving.Dashboards;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Serving;

/// <summary>A page, or a file that pages load.</summary>
/// <param name="cacheControl">How long browsers keep it.</param>
public sealed class PageAnswer(PageFile file, string cacheControl) : IResult
{
    /// <summary>The sites that may show the page in a frame, as <c>frame-ancestors</c> has them.</summary>
    public string Frames { get; init; } = "'none'";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var headers = response.Headers;
        headers.ETag = file.ETag;
        headers.CacheControl = cacheControl;
        headers.Vary = "Accept-Encoding";
        headers.XContentTypeOptions = "nosniff";

        // Scripts and styles are files of this site only; nothing inline, nothing from elsewhere, and no address told to others.
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
            + $"base-uri 'none'; form-action 'none'; frame-ancestors {Frames}";
        headers["Referrer-Policy"] = "no-referrer";
        if (Frames == "'none'")
            headers.XFrameOptions = "DENY";

        if (EntityTags.Has(request, file.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var (bytes, encoding) = file.For(request.Headers.AcceptEncoding.ToString());
        if (encoding is not null)
            headers.ContentEncoding = encoding;
        response.ContentType = file.ContentType;
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }
}
