using Microsoft.Extensions.Logging;

namespace DataPlatform.Catalog;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "Definition version {Version} of {Kind} {Name} is current.")]
    public static partial void Put(ILogger logger, DefinitionKind kind, string name, long version);

    [LoggerMessage(3002, LogLevel.Information, "{Kind} {Name} is deleted; its last definition version was {Version}.")]
    public static partial void Deleted(ILogger logger, DefinitionKind kind, string name, long version);

    [LoggerMessage(3003, LogLevel.Warning, "Names of the catalog were not released; whoever wants them next takes them over.")]
    public static partial void NotReleased(ILogger logger, Exception exception);
}
