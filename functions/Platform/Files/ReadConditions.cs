using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Files;

/// <summary>The conditions of a request that reads an object, in the order of RFC 9110, section 13.2.2. Times are compared by the second,
/// as the headers have them.</summary>
internal static class ReadConditions
{
    /// <returns>200 when the object is to be sent, 304 when the caller has it, 412 when it is not what the caller wants.</returns>
    public static int Evaluate(IHeaderDictionary headers, ObjectInfo info)
    {
        var typed = new RequestHeaders(headers);
        if (headers.IfMatch.Count > 0 ? !Matches(typed.IfMatch, info, strong: true) : typed.IfUnmodifiedSince is { } since && Seconds(info) > since)
            return StatusCodes.Status412PreconditionFailed;
        if (headers.IfNoneMatch.Count > 0 ? Matches(typed.IfNoneMatch, info, strong: false) : typed.IfModifiedSince is { } known && Seconds(info) <= known)
            return StatusCodes.Status304NotModified;
        return StatusCodes.Status200OK;
    }

    /// <summary>Whether a range may be served: always without <c>If-Range</c>, else when it names the object as it is. A time names it once a
    /// second has gone by since, in which it could have been written again.</summary>
    public static bool AllowRange(IHeaderDictionary headers, ObjectInfo info, DateTimeOffset now)
    {
        if (headers.IfRange.Count == 0)
            return true;
        if (!RangeConditionHeaderValue.TryParse(headers.IfRange.ToString(), out var condition))
            return false;
        return condition.EntityTag is { } tag
            ? tag.Compare(Tag(info), useStrongComparison: true)
            : condition.LastModified == Seconds(info) && now - info.LastModified >= TimeSpan.FromSeconds(1);
    }

    public static EntityTagHeaderValue Tag(ObjectInfo info) => new($"\"{info.ETag}\"");

    private static bool Matches(IList<EntityTagHeaderValue> tags, ObjectInfo info, bool strong) =>
        tags.Any(tag => tag.Tag == "*" || tag.Compare(Tag(info), strong));

    private static DateTimeOffset Seconds(ObjectInfo info) => new(info.LastModified.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
}
