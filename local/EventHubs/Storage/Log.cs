using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.EventHubs.Storage;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Events older than the retention went with the file {Path}.")]
    public static partial void SegmentRemoved(ILogger logger, string path);

    [LoggerMessage(2, LogLevel.Error, "Events could not be stored in {Folder}. It takes no more until it is started anew.")]
    public static partial void AppendFailed(ILogger logger, Exception exception, string folder);

    [LoggerMessage(3, LogLevel.Warning, "The file {Path} is older than the retention and cannot be removed.")]
    public static partial void SegmentStays(ILogger logger, Exception exception, string path);
}
