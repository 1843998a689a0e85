using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Http;

internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Debug, "The client of {Method} {Path} went away.")]
    public static partial void ClientGone(ILogger logger, string method, string path);

    [LoggerMessage(201, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(202, LogLevel.Warning, "A body of {Length} bytes for {Function} is above FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ({Limit}); answered 500, as the official host does.")]
    public static partial void BodyTooLarge(ILogger logger, string function, long length, long limit);

    [LoggerMessage(203, LogLevel.Warning, "A request for {Function} carries x-ms-invocation-id; answered 500, as the official host does. Strip the header in front of it.")]
    public static partial void InvocationIdFromClient(ILogger logger, string function);

    [LoggerMessage(204, LogLevel.Error, "Function {Function} was silent for {Limit}, without an answer or a byte read; answered 500 and its token fired, as the official host does. Answer 202 and go on in an orchestration.")]
    public static partial void Silent(ILogger logger, string function, TimeSpan limit);
}
