using Microsoft.Extensions.Logging;

namespace DataPlatform.Aggregation;

internal static partial class Log
{
    [LoggerMessage(7001, LogLevel.Information, "Mart {Mart}, version {Version}: computed from {Source}, version {SourceVersion}; {Rows} rows. {Outcome}")]
    public static partial void Refreshed(ILogger logger, string mart, long version, string source, long sourceVersion, long rows, string outcome);
}
