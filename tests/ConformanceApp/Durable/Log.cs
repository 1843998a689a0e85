using Microsoft.Extensions.Logging;

namespace DataPlatform.ConformanceApp.Durable;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{InstanceId}-line-{Step}")]
    public static partial void Step(ILogger logger, string instanceId, int step);
}
