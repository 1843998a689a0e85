using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Log levels: <c>logging.logLevel</c> of host.json, and above it the setting <c>Logging:LogLevel:…</c>.</summary>
internal static class LogLevels
{
    private const string Section = "LogLevel:";

    /// <summary>Sets them; a wrong one is reported and left out, since the logging library would throw at it and hide all other errors.</summary>
    public static void Apply(ILoggingBuilder logging, HostJson host, IConfiguration settings, StartErrors errors)
    {
        var levels = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, level) in host.LogLevels.AsEnumerable(makePathsRelative: true))
        {
            if (level is not null && IsLevel(level, $"logging.logLevel.{key} in host.json", errors))
            {
                levels[$"{Section}{(IsDefault(key) ? "Default" : key)}"] = level;
            }
        }

        foreach (var (key, value) in settings.GetSection("Logging").AsEnumerable(makePathsRelative: true))
        {
            // Of one provider too: Console:LogLevel:Default.
            var names = $":{key}".Contains($":{Section}", StringComparison.OrdinalIgnoreCase);
            if (value is not null && (!names || value.Length == 0 || IsLevel(value, $"Logging:{key}", errors)))
            {
                levels[key] = value;
            }
        }

        logging.AddConfiguration(new ConfigurationBuilder().AddInMemoryCollection(levels).Build());
    }

    private static bool IsLevel(string value, string setting, StartErrors errors)
    {
        var known = Enum.GetNames<LogLevel>();
        if (known.Contains(value, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        errors.AddSetting(setting, $"'{value}' is not a log level", $"write one of {string.Join(", ", known)}");
        return false;
    }

    private static bool IsDefault(string category) => string.Equals(category, "default", StringComparison.OrdinalIgnoreCase);
}
