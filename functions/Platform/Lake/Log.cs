using Microsoft.Extensions.Logging;

namespace DataPlatform.Lake;

/// <summary>Log messages of the lake: events 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Storage is the folder {Folder}")]
    public static partial void UsingFolder(ILogger logger, string folder);

    [LoggerMessage(1001, LogLevel.Information, "Storage is the account at {Host}")]
    public static partial void UsingAccount(ILogger logger, string host);

    [LoggerMessage(1002, LogLevel.Warning, "Removed {Count} temporary files that a stopped process left in the storage folder")]
    public static partial void RemovedTemporaryFiles(ILogger logger, int count);

    [LoggerMessage(1003, LogLevel.Warning, "A temporary file of the storage folder could not be deleted; it goes after a day")]
    public static partial void TemporaryFileStays(ILogger logger, Exception exception);

    [LoggerMessage(1004, LogLevel.Warning, "Requests are answered 503 until the storage is there. {Reason}")]
    public static partial void StorageMissing(ILogger logger, string reason);

    [LoggerMessage(1005, LogLevel.Information, "The storage answers now")]
    public static partial void StorageAnswers(ILogger logger);
}
