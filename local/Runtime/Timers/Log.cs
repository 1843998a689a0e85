using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Timers;

internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Error, "Timer function {Function} failed.")]
    public static partial void RunFailed(ILogger logger, Exception exception, string function);

    [LoggerMessage(301, LogLevel.Critical, "Timer function {Function} does not run any more: its state could not be kept.")]
    public static partial void LoopFailed(ILogger logger, Exception exception, string function);

    [LoggerMessage(302, LogLevel.Warning, "The schedule status in {File} is unreadable and starts anew.")]
    public static partial void StatusUnreadable(ILogger logger, Exception exception, string file);

    [LoggerMessage(303, LogLevel.Debug, "Timer function {Function} is run by another process.")]
    public static partial void OwnedElsewhere(ILogger logger, string function);

    [LoggerMessage(304, LogLevel.Warning, "Timer function {Function} is never due again: {Schedule}.")]
    public static partial void NeverAgain(ILogger logger, string function, string schedule);

    [LoggerMessage(305, LogLevel.Error, "Timer function {Function} failed as before ({Exception}), {Count} times in a row now.")]
    public static partial void RunFailedAgain(ILogger logger, string function, string exception, int count);

    [LoggerMessage(306, LogLevel.Information, "Timer function {Function} works again after {Count} failures.")]
    public static partial void WorksAgain(ILogger logger, string function, int count);

    [LoggerMessage(307, LogLevel.Error, "The schedule status of timer function {Function} could not be stored. It goes on, but after a restart a missed run may go unseen: look at the folder of LocalRuntime:State.")]
    public static partial void StatusNotStored(ILogger logger, Exception exception, string function);
}
