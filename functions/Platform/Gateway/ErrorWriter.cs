using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Gateway;

/// <summary>Tells callers of exceptions. The only place that writes errors.</summary>
public sealed class ErrorWriter(ILogger<ErrorWriter> logger)
{
    /// <summary>Writes what a caller may know of an exception, and logs what the operator needs. Nothing is written when the caller has
    /// gone.</summary>
    /// <returns>False when the response has begun, so that nothing can be told any more: the connection must be cut.</returns>
    public async Task<bool> TryWriteAsync(HttpContext http, Exception exception)
    {
        var requestId = RequestId.Of(http);
        if (http.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException or BadHttpRequestException)
        {
            Log.CallerGone(logger, requestId, http.Request.Method, http.Request.Path);
            return true;
        }

        var answer = ErrorAnswer.Of(exception, requestId);
        Note(http, exception, answer, requestId);
        if (http.Response.HasStarted)
            return false;

        http.Response.Clear();
        RequestId.Set(http);
        ODataVersion.Set(http);
        http.Response.StatusCode = answer.Status;
        http.Response.Headers["x-ms-error-code"] = answer.Document.Error.Code;
        http.Response.Headers.CacheControl = "no-store";
        foreach (var (name, value) in answer.Headers)
            http.Response.Headers[name] = value;
        await new JsonAnswer(answer.Status, answer.Document).ExecuteAsync(http);
        return true;
    }

    /// <summary>An outage is met by every request: the message and its first cause say all, where stacks would bury it.</summary>
    private static string ReasonOf(Exception exception)
    {
        var cause = exception.GetBaseException();
        return cause == exception ? exception.Message : $"{exception.Message} ({cause.GetType().Name}: {cause.Message.Split('\n')[0]})";
    }

    private void Note(HttpContext http, Exception exception, ErrorAnswer answer, string requestId)
    {
        var (method, path, code) = (http.Request.Method, http.Request.Path, answer.Document.Error.Code);
        if (answer.Status is StatusCodes.Status500InternalServerError || http.Response.HasStarted)
            Log.Failed(logger, exception, requestId, method, path, code);
        else if (exception is TransientException or OperationCanceledException)
            Log.Unavailable(logger, requestId, method, path, answer.Status, code, ReasonOf(exception));
        else
            Log.Refused(logger, requestId, method, path, answer.Status, code);
    }
}
