using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Gateway;

/// <summary>Entity tags of answers to reads.</summary>
public static class EntityTags
{
    /// <summary>Whether the caller has the answer by its <c>If-None-Match</c>, so that 304 is enough.</summary>
    /// <param name="etag">With its quotes, weak or strong.</param>
    public static bool Has(HttpRequest request, string etag) =>
        request.Headers.IfNoneMatch is { Count: > 0 } given
        && EntityTagHeaderValue.TryParseList(given, out var tags)
        && tags.Any(tag => tag.Tag == "*" || tag.Compare(EntityTagHeaderValue.Parse(etag), useStrongComparison: false));
}
