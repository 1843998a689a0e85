using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Quarantine;

internal static partial class Log
{
    [LoggerMessage(6061, LogLevel.Information, "Replay {Replay}: {Recovered} of {Selected} rows of batch {Batch} recovered")]
    public static partial void Replayed(ILogger logger, string replay, string batch, long recovered, long selected);

    [LoggerMessage(6062, LogLevel.Information, "Replay {Replay} has ended: {Status}")]
    public static partial void ReplayEnded(ILogger logger, string replay, ReplayStatus status);

    [LoggerMessage(6063, LogLevel.Information, "Dataset {Dataset}: the quarantine files of {Batches} batches were removed after their time")]
    public static partial void Purged(ILogger logger, string dataset, int batches);

    [LoggerMessage(6064, LogLevel.Warning, "Quarantine files of dataset {Dataset} could not be removed; the next turn tries again")]
    public static partial void NotPurged(ILogger logger, string dataset, Exception exception);

    [LoggerMessage(6065, LogLevel.Warning, "Batch {Batch}: its answer goes out without the errors of its broken rows, which could not be read")]
    public static partial void NotAnswered(ILogger logger, string batch, Exception exception);
}
