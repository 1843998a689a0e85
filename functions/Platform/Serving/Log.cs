using Microsoft.Extensions.Logging;

namespace DataPlatform.Serving;

internal static partial class Log
{
    [LoggerMessage(8001, LogLevel.Error, "The rows of {Table}, version {Version}, broke off after they had begun; the connection is aborted.")]
    public static partial void AnswerCutOff(ILogger logger, string table, long version, Exception exception);

    [LoggerMessage(8010, LogLevel.Warning, "Version {Version} of the mart {Mart} could not be loaded into memory; it is read from its files.")]
    public static partial void MartNotLoaded(ILogger logger, string mart, long version, Exception exception);

    [LoggerMessage(8002, LogLevel.Error, "The answer of a query broke off after it had begun; the connection is aborted.")]
    public static partial void QueryCutOff(ILogger logger, Exception exception);
}
