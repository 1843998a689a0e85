using System.Globalization;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>The local runtime's own settings, under <c>LocalRuntime</c>.</summary>
internal sealed class RuntimeSettings
{
    public RuntimeSettings(IConfiguration configuration, string root, StartErrors errors)
    {
        var section = configuration.GetSection("LocalRuntime");
        StateFolder = Path.GetFullPath(section["State"] is { Length: > 0 } state ? state : Path.Combine(".local", "runtime"), root);
        AllowNonLoopback = string.Equals(section["AllowNonLoopback"], "true", StringComparison.OrdinalIgnoreCase);
        ShutdownGrace = Time(section, "ShutdownGrace", TimeSpan.FromSeconds(10), errors);
    }

    /// <summary>Where timers and orchestrations are kept; an absolute path. <c>LocalRuntime:State</c>, default <c>.local/runtime</c>.</summary>
    public string StateFolder { get; }

    /// <summary>Whether other machines may reach the host. <c>LocalRuntime:AllowNonLoopback</c>, default false.</summary>
    public bool AllowNonLoopback { get; }

    /// <summary>How long running functions may go on in a shutdown before their token fires. <c>LocalRuntime:ShutdownGrace</c>, default 10 s.</summary>
    public TimeSpan ShutdownGrace { get; }

    private static TimeSpan Time(IConfigurationSection section, string key, TimeSpan standard, StartErrors errors)
    {
        if (section[key] is not { } text)
        {
            return standard;
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= TimeSpan.Zero)
        {
            return value;
        }

        errors.AddSetting($"LocalRuntime:{key}", $"'{text}' is not a time", "write hh:mm:ss");
        return standard;
    }
}
