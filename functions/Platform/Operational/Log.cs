using Microsoft.Extensions.Logging;

namespace DataPlatform.Operational;

internal static partial class Log
{
    [LoggerMessage(9001, LogLevel.Information, "The operational store of {Dataset} was built from version {Version} of its table (epoch {Epoch})")]
    public static partial void Built(ILogger logger, string dataset, long version, long epoch);

    [LoggerMessage(9002, LogLevel.Warning, "Files of dataset {Dataset} that the operational store has not read are gone: it is built anew")]
    public static partial void FilesGone(ILogger logger, string dataset, Exception exception);

    [LoggerMessage(9003, LogLevel.Warning, "A row of dataset {Dataset} is committed in version {Version}, and the operational store has yet to follow")]
    public static partial void NotProjected(ILogger logger, string dataset, long version, Exception exception);
}
