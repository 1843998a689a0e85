using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Hosting;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "The app could not start.")]
    public static partial void StartFailed(ILogger logger, Exception exception);
}
