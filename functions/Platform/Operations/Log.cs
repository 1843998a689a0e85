using Microsoft.Extensions.Logging;

namespace DataPlatform.Operations;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Warning, "Run {Run} fails: {Code}: {Reason}")]
    public static partial void RunFails(ILogger logger, string run, string code, string reason, Exception? exception);

    [LoggerMessage(5002, LogLevel.Error, "An activity of run {Run} failed; it is tried again")]
    public static partial void ActivityFailed(ILogger logger, string run, Exception exception);
}
