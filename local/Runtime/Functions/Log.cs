using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Functions;

internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Debug, "Function {Function} started, invocation {Invocation}.")]
    public static partial void Started(ILogger logger, string function, string invocation);

    [LoggerMessage(101, LogLevel.Debug, "Function {Function} succeeded in {Milliseconds:F1} ms, invocation {Invocation}.")]
    public static partial void Succeeded(ILogger logger, string function, string invocation, double milliseconds);

    [LoggerMessage(102, LogLevel.Debug, "Function {Function} failed after {Milliseconds:F1} ms, invocation {Invocation}.")]
    public static partial void Failed(ILogger logger, Exception exception, string function, string invocation, double milliseconds);

    [LoggerMessage(103, LogLevel.Warning, "Function {Function} failed; retry {Retry} in {Delay}.")]
    public static partial void Retrying(ILogger logger, Exception exception, string function, int retry, TimeSpan delay);

    [LoggerMessage(104, LogLevel.Error, "Function {Function} ran longer than functionTimeout in host.json allows ({Limit}). Its token has fired. The official host would now end the whole worker process, with everything else that it runs, unless the function stops at once.")]
    public static partial void TimedOut(ILogger logger, string function, TimeSpan limit);

    [LoggerMessage(105, LogLevel.Warning, "Function {Function} failed as before ({Exception}); retry {Retry} in {Delay}.")]
    public static partial void RetryingAgain(ILogger logger, string function, int retry, TimeSpan delay, string exception);
}
