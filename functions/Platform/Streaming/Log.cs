using Microsoft.Extensions.Logging;

namespace DataPlatform.Streaming;

internal static partial class Log
{
    [LoggerMessage(12001, LogLevel.Information, "{Loaded} of {Received} events of hub {Hub}, partition {Partition}, up to {Sequence}, are in version {Version} of {Dataset}")]
    public static partial void Taken(ILogger logger, long loaded, long received, string hub, string partition, long sequence, string dataset, long version);

    [LoggerMessage(12002, LogLevel.Warning, "{Count} events of hub {Hub}, partition {Partition}, from {Sequence} on were set apart: {Code}")]
    public static partial void SetApart(ILogger logger, int count, long sequence, string hub, string partition, string code, Exception exception);

    [LoggerMessage(12003, LogLevel.Information, "Events of hub {Hub}, partition {Partition}, are loaded into {Dataset} again: {Reason}")]
    public static partial void Again(ILogger logger, string dataset, string hub, string partition, string reason);

    [LoggerMessage(12004, LogLevel.Warning, "Dataset {Dataset} has events up to version {Version}, but what follows from them must wait for the timer")]
    public static partial void NotFollowed(ILogger logger, string dataset, long version, Exception exception);
}
