using System.Globalization;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>What a caller is told of an exception.</summary>
/// <param name="Headers">To be set on the response, besides those of every error.</param>
public sealed record ErrorAnswer(int Status, ErrorDocument Document, IReadOnlyDictionary<string, string> Headers)
{
    private const string Challenge = "Basic realm=\"DataPlatform\", charset=\"UTF-8\"";
    private static readonly TimeSpan StoppingRetry = TimeSpan.FromSeconds(5);

    /// <summary>Defects of the platform are told by nothing but the request id.</summary>
    public static ErrorAnswer Of(Exception exception, string requestId) => exception switch
    {
        RangeNotSatisfiableException range => Ranged(range, requestId),
        TerminalException { Kind: FailureKind.Internal } terminal => Internal(terminal.Code, requestId),
        TerminalException terminal => Create(
            StatusOf(terminal.Kind),
            terminal.Code,
            terminal.Message,
            requestId,
            terminal.Target,
            terminal.Details,
            terminal.RetryAfter,
            (terminal as MethodNotAllowedException)?.Allowed,
            terminal.Receipt),
        TransientException transient => Create(
            StatusCodes.Status503ServiceUnavailable, "TemporarilyUnavailable", $"{transient.Message} Try again.", requestId, retryAfter: transient.RetryAfter),
        OperationCanceledException => Create(
            StatusCodes.Status503ServiceUnavailable, "Stopping", "This instance is stopping. Try again.", requestId, retryAfter: StoppingRetry),
        BadHttpRequestException bad => Create(bad.StatusCode, CodeOf(bad.StatusCode), bad.Message, requestId, target: "body"),
        _ => Internal("InternalError", requestId),
    };

    public static int StatusOf(FailureKind kind) => kind switch
    {
        FailureKind.Invalid => StatusCodes.Status400BadRequest,
        FailureKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        FailureKind.Forbidden => StatusCodes.Status403Forbidden,
        FailureKind.NotFound => StatusCodes.Status404NotFound,
        FailureKind.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        FailureKind.NotAcceptable => StatusCodes.Status406NotAcceptable,
        FailureKind.Conflict => StatusCodes.Status409Conflict,
        FailureKind.Gone => StatusCodes.Status410Gone,
        FailureKind.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        FailureKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        FailureKind.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        FailureKind.RangeNotSatisfiable => StatusCodes.Status416RangeNotSatisfiable,
        FailureKind.Unprocessable => StatusCodes.Status422UnprocessableEntity,
        FailureKind.NotImplemented => StatusCodes.Status501NotImplemented,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static ErrorAnswer Internal(string code, string requestId) => Create(
        StatusCodes.Status500InternalServerError, code, $"Something went wrong that is not your fault. Tell your operator the request id {requestId}.", requestId);

    private static ErrorAnswer Ranged(RangeNotSatisfiableException range, string requestId)
    {
        var answer = Create(StatusOf(range.Kind), range.Code, range.Message, requestId, range.Target);
        return answer with
        {
            Headers = new Dictionary<string, string>(answer.Headers) { ["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes */{range.Length}") },
        };
    }

    private static ErrorAnswer Create(
        int status,
        string code,
        string message,
        string requestId,
        string? target = null,
        IReadOnlyList<FailureDetail>? details = null,
        TimeSpan? retryAfter = null,
        IReadOnlyList<string>? allowed = null,
        string? receipt = null)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (status == StatusCodes.Status401Unauthorized)
            headers["WWW-Authenticate"] = Challenge;
        if (allowed is not null)
            headers["Allow"] = string.Join(", ", allowed);
        if (retryAfter is { } wait)
            headers["Retry-After"] = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var body = new ErrorBody(code, message, target, details is { Count: > 0 } ? details : null, new InnerError(requestId, receipt));
        return new ErrorAnswer(status, new ErrorDocument(body), headers);
    }

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => "BodyTooLarge",
        StatusCodes.Status408RequestTimeout => "BodyTooSlow",
        _ => "MalformedRequest",
    };
}
