using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>Reads <c>If-Match</c> and <c>If-None-Match</c> of writes.</summary>
public static class Preconditions
{
    /// <returns><c>If-None-Match: *</c> as <see cref="PutCondition.IfAbsent"/>, <c>If-Match: "etag"</c> as its condition.</returns>
    /// <exception cref="TerminalException"><c>InvalidPrecondition</c>: both, several tags, a weak tag, or <c>If-Match: *</c>.</exception>
    public static PutCondition Read(HttpRequest request)
    {
        var (match, noneMatch) = (request.Headers.IfMatch, request.Headers.IfNoneMatch);
        if (noneMatch.Count > 0)
        {
            return match.Count == 0 && noneMatch is ["*"]
                ? PutCondition.IfAbsent
                : throw Invalid("If-None-Match", "On writes, If-None-Match takes '*' (only create) and not together with If-Match.");
        }

        return match.Count == 0 ? PutCondition.None : PutCondition.IfMatch(ETagIn(match is [{ } only] ? only : ""));
    }

    /// <returns>The ETag of <c>If-Match</c>, or null without one.</returns>
    /// <exception cref="TerminalException"><c>InvalidPrecondition</c>.</exception>
    public static string? ReadETag(HttpRequest request) => Read(request) is { MustBeAbsent: false } condition
        ? condition.ETag
        : throw Invalid("If-None-Match", "If-None-Match has no meaning here: use If-Match with the ETag.");

    private static string ETagIn(string header)
    {
        var tag = header.Trim();
        return tag.Length > 2 && tag[0] == '"' && tag.IndexOf('"', 1) == tag.Length - 1
            ? tag[1..^1]
            : throw Invalid("If-Match", "If-Match takes one ETag in double quotes, as the ETag header of a GET has it.");
    }

    private static TerminalException Invalid(string header, string message) => new(FailureKind.Invalid, "InvalidPrecondition", message, header);
}
