using DataPlatform.Operations;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Triggers;

internal static partial class Log
{
    [LoggerMessage(11001, LogLevel.Information, "Run {Run} was started by a {Cause}")]
    public static partial void Started(ILogger logger, string run, string cause);

    [LoggerMessage(11002, LogLevel.Warning, "The triggers of {Kind} {Name} could not be evaluated; the timer tries again")]
    public static partial void NotEvaluated(ILogger logger, RunKind kind, string name, Exception exception);

    [LoggerMessage(11003, LogLevel.Error, "The stored definition {Name} is unreadable: its triggers start nothing")]
    public static partial void DefinitionUnreadable(ILogger logger, string name, Exception exception);

    [LoggerMessage(11004, LogLevel.Warning, "What follows from the end of run {Run} is not done; the timer tries again")]
    public static partial void NotSettled(ILogger logger, string run, Exception exception);

    [LoggerMessage(11005, LogLevel.Error, "Run {Run} could not be seen to; the timer tries again")]
    public static partial void NotTended(ILogger logger, string run, Exception exception);
}
