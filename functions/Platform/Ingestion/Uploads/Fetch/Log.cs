using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Uploads.Fetch;

internal static partial class Log
{
    [LoggerMessage(6081, LogLevel.Information, "{Url} is fetched: {Bytes} bytes by {Attempts} requests")]
    public static partial void Fetched(ILogger logger, string url, long bytes, int attempts);

    [LoggerMessage(6082, LogLevel.Information, "{Url} is interrupted at {Bytes} bytes: {Reason}")]
    public static partial void FetchInterrupted(ILogger logger, string url, long bytes, string reason);
}
