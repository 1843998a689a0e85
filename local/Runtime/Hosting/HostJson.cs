using System.Globalization;
using System.Text.Json;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>The settings of <c>host.json</c> that the local runtime heeds.</summary>
internal sealed class HostJson
{
    private static readonly TimeSpan DefaultFunctionTimeout = TimeSpan.FromMinutes(30);

    private HostJson(IConfiguration root, StartErrors errors)
    {
        Root = root;
        RoutePrefix = (root["extensions:http:routePrefix"] ?? "api").Trim('/');
        FunctionTimeout = Timeout(root["functionTimeout"], errors);
    }

    /// <summary>All of it, keys joined by <c>:</c>; settings named <c>AzureFunctionsJobHost:…</c> stand above the file.</summary>
    public IConfiguration Root { get; }

    /// <summary>What stands before every route, without slashes at its ends.</summary>
    public string RoutePrefix { get; }

    /// <summary>How long a function that is not HTTP may run; null is without end.</summary>
    public TimeSpan? FunctionTimeout { get; }

    public IConfigurationSection DurableTask => Root.GetSection("extensions:durableTask");

    public IConfigurationSection LogLevel => Root.GetSection("logging:logLevel");

    /// <param name="folders">Where to look for the file, in this order; without a file all settings have their defaults.</param>
    public static HostJson Load(IEnumerable<string> folders, IConfiguration settings, StartErrors errors)
    {
        var builder = new ConfigurationBuilder();
        var file = folders.Select(f => Path.Combine(f, "host.json")).FirstOrDefault(File.Exists);
        if (file is not null)
        {
            try
            {
                builder.AddInMemoryCollection(JsonSettings.Read(file));
            }
            catch (JsonException exception)
            {
                errors.AddSetting(file, $"it is not JSON ({exception.Message})", "correct it");
            }
        }

        var root = builder.AddConfiguration(settings.GetSection("AzureFunctionsJobHost")).Build();
        if (file is not null && root["version"] != "2.0")
        {
            errors.AddSetting(file, "\"version\" is not \"2.0\"", "add \"version\": \"2.0\", which the official host demands");
        }

        return new HostJson(root, errors);
    }

    private static TimeSpan? Timeout(string? text, StartErrors errors)
    {
        if (text is null)
        {
            return DefaultFunctionTimeout;
        }

        if (text == "-1")
        {
            return null;
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value > TimeSpan.Zero)
        {
            return value;
        }

        errors.AddSetting("functionTimeout in host.json", $"'{text}' is not a time", "write hh:mm:ss, or -1 for no limit");
        return null;
    }
}
