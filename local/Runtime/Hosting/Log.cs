using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Hosting;

internal static partial class Log
{
    [LoggerMessage(10, LogLevel.Warning, "{Warning}")]
    public static partial void Warning(ILogger logger, string warning);
}
