using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Gateway;

/// <summary>Log messages of the gateway: events 4000 to 4099.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Error, "Request {RequestId} {Method} {Path} failed: {Code}")]
    public static partial void Failed(ILogger logger, Exception exception, string requestId, string method, PathString path, string code);

    [LoggerMessage(4001, LogLevel.Warning, "Request {RequestId} {Method} {Path} was answered {Status} {Code}: {Reason}")]
    public static partial void Unavailable(ILogger logger, string requestId, string method, PathString path, int status, string code, string reason);

    [LoggerMessage(4002, LogLevel.Information, "Request {RequestId} {Method} {Path} was refused: {Status} {Code}")]
    public static partial void Refused(ILogger logger, string requestId, string method, PathString path, int status, string code);

    [LoggerMessage(4003, LogLevel.Information, "The caller of request {RequestId} {Method} {Path} has gone")]
    public static partial void CallerGone(ILogger logger, string requestId, string method, PathString path);
}
