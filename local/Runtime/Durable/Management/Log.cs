using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable.Management;

internal static partial class Log
{
    [LoggerMessage(440, LogLevel.Error, "The management request {Method} {Path} failed")]
    public static partial void Failed(ILogger logger, Exception exception, string method, string path);
}
