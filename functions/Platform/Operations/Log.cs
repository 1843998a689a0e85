using Microsoft.Extensions.Logging;

namespace DataPlatform.Operations;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Warning, "Run {Run} fails: {Code}: {Reason}")]
    public static partial void RunFails(ILogger logger, string run, string code, string reason, Exception? exception);

    [LoggerMessage(5002, LogLevel.Error, "An activity of run {Run} failed; it is tried again")]
    public static partial void ActivityFailed(ILogger logger, string run, Exception exception);

    [LoggerMessage(5003, LogLevel.Warning, "{Projection} of dataset {Dataset} is behind its table; the timer tries again")]
    public static partial void ProjectionBehind(ILogger logger, string dataset, string projection, Exception exception);

    [LoggerMessage(5004, LogLevel.Warning, "A failed try at {Activity} of run {Run} could not be noted")]
    public static partial void AttemptNotNoted(ILogger logger, string run, string activity, Exception exception);

    [LoggerMessage(5005, LogLevel.Error, "The row of run {Run} is unreadable: it is passed over")]
    public static partial void RunUnreadable(ILogger logger, string run, Exception exception);
}
