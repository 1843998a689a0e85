using Microsoft.Extensions.Logging;

namespace DataPlatform.Tables;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Debug, "Table {Table}: version {Version} holds {Changes} changes")]
    public static partial void Committed(ILogger logger, string table, long version, int changes);

    [LoggerMessage(2002, LogLevel.Debug, "Table {Table}: another writer has version {Version}; trying again in about {Milliseconds} ms")]
    public static partial void RaceLost(ILogger logger, string table, long version, double milliseconds);

    [LoggerMessage(2003, LogLevel.Warning, "Table {Table}: the store did not say whether version {Version} was written (try {Tries}); asking again")]
    public static partial void OutcomeUnknown(ILogger logger, string table, long version, int tries, Exception failure);
}
