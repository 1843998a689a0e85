using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.EventHubs;

internal static partial class Log
{
    [LoggerMessage(340, LogLevel.Information, "{Function} reads partition {Partition} of {Hub}.")]
    public static partial void Reads(ILogger logger, string function, string partition, string hub);

    [LoggerMessage(341, LogLevel.Information, "{Function} has given partition {Partition} of {Hub} to another reader.")]
    public static partial void Lost(ILogger logger, string function, string partition, string hub);

    [LoggerMessage(342, LogLevel.Warning, "{Function} cannot read partition {Partition} of {Hub}; it goes on trying.")]
    public static partial void CannotRead(ILogger logger, Exception exception, string function, string partition, string hub);

    [LoggerMessage(343, LogLevel.Warning, "{Function} cannot find out which partitions of {Hub} to read; it goes on trying.")]
    public static partial void CannotBalance(ILogger logger, Exception exception, string function, string hub);

    [LoggerMessage(344, LogLevel.Information, "{Function} reaches {Hub} again after {Count} failures.")]
    public static partial void Reaches(ILogger logger, string function, string hub, int count);

    [LoggerMessage(345, LogLevel.Error, "{Function} failed for the events {First} to {Last} of partition {Partition} of {Hub}, has no retry left, and goes on behind them.")]
    public static partial void GivenUp(ILogger logger, Exception exception, string function, long first, long last, string partition, string hub);

    [LoggerMessage(346, LogLevel.Warning, "The checkpoint of partition {Partition} of {Hub} could not be written; events since the one before may come again.")]
    public static partial void CheckpointFailed(ILogger logger, Exception exception, string partition, string hub);

    [LoggerMessage(347, LogLevel.Warning, "The checkpoint of partition {Partition} of {Hub} is behind the partition's end: the hub was made anew. {Function} begins at its first event.")]
    public static partial void HubIsNew(ILogger logger, string partition, string hub, string function);

    [LoggerMessage(339, LogLevel.Information, "Event Hubs endpoint on port {Port}, events in {Folder}.")]
    public static partial void EndpointStarted(ILogger logger, int port, string folder);

    [LoggerMessage(348, LogLevel.Warning, "The partitions of {Hub} could not be given back; others get them when they expire.")]
    public static partial void NotGivenBack(ILogger logger, Exception exception, string hub);
}
