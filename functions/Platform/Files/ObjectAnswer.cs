using System.Globalization;
using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Files;

/// <summary>An object, or a part of it, as the body of an answer.</summary>
/// <param name="range">The part; null for all of it.</param>
/// <param name="content">The bytes of the part; null when the request is for the headers only.</param>
internal sealed class ObjectAnswer(ObjectInfo info, ByteRange? range, Stream? content) : IResult
{
    private const int BufferSize = 128 << 10;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var body = content ?? Stream.Null;
        var response = httpContext.Response;
        ObjectHeaders.SetAll(response, info);
        response.StatusCode = range is null ? StatusCodes.Status200OK : StatusCodes.Status206PartialContent;
        response.ContentLength = range?.Length ?? info.Length;
        if (range is { Length: { } length } part)
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {part.Offset}-{part.Offset + length - 1}/{info.Length}");
        await body.CopyToAsync(response.Body, BufferSize, httpContext.RequestAborted);
    }
}
