using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Log levels: <c>logging.logLevel</c> of host.json, and above it the setting <c>Logging:LogLevel:…</c>.</summary>
internal static class LogLevels
{
    public static void Apply(ILoggingBuilder logging, HostJson host, IConfiguration settings)
    {
        var levels = host.LogLevels.AsEnumerable(makePathsRelative: true)
            .Where(level => level.Value is not null)
            .ToDictionary(level => $"LogLevel:{(IsDefault(level.Key) ? "Default" : level.Key)}", level => level.Value, StringComparer.OrdinalIgnoreCase);
        logging.AddConfiguration(new ConfigurationBuilder()
            .AddInMemoryCollection(levels)
            .AddConfiguration(settings.GetSection("Logging"))
            .Build());
    }

    private static bool IsDefault(string category) => string.Equals(category, "default", StringComparison.OrdinalIgnoreCase);
}
