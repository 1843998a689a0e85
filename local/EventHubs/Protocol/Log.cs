using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.EventHubs.Protocol;

internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Information, "Connection {Connection} was closed: {Reason}")]
    public static partial void ConnectionRefused(ILogger logger, string connection, string reason);

    [LoggerMessage(102, LogLevel.Information, "Connection {Connection} was idle and is closed.")]
    public static partial void ConnectionIdle(ILogger logger, string connection);

    [LoggerMessage(103, LogLevel.Error, "The link {Link} failed.")]
    public static partial void LinkFailed(ILogger logger, Exception exception, string link);
}
