using Microsoft.Extensions.Logging;

namespace DataPlatform.Tables;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Debug, "Table {Table}: version {Version} holds {Changes} changes")]
    public static partial void Committed(ILogger logger, string table, long version, int changes);

    [LoggerMessage(2002, LogLevel.Debug, "Table {Table}: another writer has version {Version}; trying again after {Losses} lost races")]
    public static partial void RaceLost(ILogger logger, string table, long version, int losses);

    [LoggerMessage(2003, LogLevel.Warning, "Table {Table}: the store did not say whether version {Version} was written (try {Tries}); asking again")]
    public static partial void OutcomeUnknown(ILogger logger, string table, long version, int tries, Exception failure);

    [LoggerMessage(2004, LogLevel.Debug, "Table {Table}: checkpoint of version {Version} written, {Actions} actions in {Bytes} bytes")]
    public static partial void CheckpointWritten(ILogger logger, string table, long version, long actions, long bytes);

    [LoggerMessage(2005, LogLevel.Warning, "Table {Table}: the checkpoint of version {Version} cannot be read; an older one or the commits are read instead")]
    public static partial void CheckpointDamaged(ILogger logger, string table, long version, Exception damage);

    [LoggerMessage(2006, LogLevel.Warning, "Table {Table}: _last_checkpoint cannot be read; the log is listed instead")]
    public static partial void LastCheckpointDamaged(ILogger logger, string table, Exception damage);

    [LoggerMessage(2007, LogLevel.Warning, "Table {Table}: no checkpoint of version {Version} was written; the next commits will have one written")]
    public static partial void CheckpointFailed(ILogger logger, string table, long version, Exception failure);

    [LoggerMessage(2008, LogLevel.Information, "Table {Table}: {Files} files of the log before version {Version} deleted")]
    public static partial void LogCleaned(ILogger logger, string table, int files, long version);

    [LoggerMessage(2020, LogLevel.Information, "Table {Table}: {Files} files with {Bytes} bytes deleted that no version from {Version} on needs")]
    public static partial void Vacuumed(ILogger logger, string table, long files, long bytes, long version);

    [LoggerMessage(2010, LogLevel.Error, "Table {Table}: projection '{Projection}' has lost the versions {First} to {Last}: they were deleted before it came to them")]
    public static partial void ProjectionLost(ILogger logger, string table, string projection, long first, long last);

    [LoggerMessage(2009, LogLevel.Error, "Table {Table}: '{Holder}' stands at version {Version} and is lost: it did not move for {Lag}, so its versions are no longer kept")]
    public static partial void HoldLost(ILogger logger, string table, string holder, long version, TimeSpan lag);
}
