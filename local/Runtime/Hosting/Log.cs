using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Hosting;

internal static partial class Log
{
    [LoggerMessage(10, LogLevel.Warning, "{Warning}")]
    public static partial void Warning(ILogger logger, string warning);

    [LoggerMessage(11, LogLevel.Information, "Held to the memory of a Flex Consumption instance of {Instance} MB: {App} MB for the app.")]
    public static partial void HoldsTo(ILogger logger, int instance, long app);

    [LoggerMessage(12, LogLevel.Critical, "Out of memory: the process has {Used} MB, and an instance has {App} MB for it. Ended, as the platform would.")]
    public static partial void OutOfMemory(ILogger logger, long used, long app);
}
