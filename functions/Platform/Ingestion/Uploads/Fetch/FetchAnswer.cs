using System.Net;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>Reads what the head of an answer says.</summary>
internal static class FetchAnswer
{
    private const string Changed = "its file was replaced meanwhile";

    /// <summary>What tells by <c>If-Range</c> that the file is still the same: a strong ETag, or a date that is older than the answer, since
    /// dates have seconds only (RFC 9110, sections 8.8 and 13.1.5).</summary>
    public static string? ValidatorOf(HttpResponseMessage response)
    {
        if (response.Headers.ETag is { } tag)
            return tag.IsWeak ? null : tag.Tag;
        return response.Content.Headers.LastModified is { } modified && response.Headers.Date is { } date && modified < date
            ? modified.ToString("r")
            : null;
    }

    /// <summary>Whether a partial answer goes on where the checkpoint ends.</summary>
    public static bool Continues(HttpResponseMessage response, FetchCheckpoint checkpoint, long offset) =>
        response.Content.Headers.ContentRange is { Unit: "bytes", From: { } from, To: { } to } range && from == offset
        && (range.Length is not { } length || (to == length - 1 && (checkpoint.Total is not { } total || total == length)))
        && (response.Headers.ETag is null || ValidatorOf(response) == checkpoint.Validator || checkpoint.Validator?.StartsWith('"') != true);

    /// <summary>Whether an answer says that the file has no more than what is there.</summary>
    public static bool IsAtEnd(HttpResponseMessage response, FetchCheckpoint checkpoint, long offset) =>
        response.Content.Headers.ContentRange?.Length == offset && checkpoint.Total is null;

    /// <summary>What an answer without the file means.</summary>
    public static Exception Failure(HttpResponseMessage response, FetchUrl url, FetchLimits limits, DateTimeOffset now) => response.StatusCode switch
    {
        HttpStatusCode.PreconditionFailed => new FetchInterruptedException(Changed) { AtOnce = true },
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 or HttpStatusCode.InternalServerError
            or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
            new FetchInterruptedException($"its server answers {(int)response.StatusCode}") { Wait = WaitOf(response, limits, now) },
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => FetchFailures.Refused(url,
            $"the server answers {(int)response.StatusCode}. Give a URL that carries its own permission, such as a shared access signature that is still valid."),
        _ => FetchFailures.Refused(url, $"the server answers {(int)response.StatusCode}."),
    };

    private static TimeSpan? WaitOf(HttpResponseMessage response, FetchLimits limits, DateTimeOffset now)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => (TimeSpan?)null,
        };
        return wait is not { } time ? null : time < TimeSpan.Zero ? TimeSpan.Zero : time < limits.MaxRetryAfter ? time : limits.MaxRetryAfter;
    }
}
