using System.Globalization;
using System.Text.Json;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>The settings of <c>host.json</c> that the local runtime heeds.</summary>
internal sealed class HostJson
{
    private static readonly TimeSpan DefaultFunctionTimeout = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan LeastTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostTimeout = TimeSpan.FromDays(24);
    private const string PrefixKey = "extensions:http:routePrefix";

    private HostJson(IConfiguration root, StartErrors errors)
    {
        Root = root;
        RoutePrefix = Prefix(root[PrefixKey], errors);
        FunctionTimeout = Timeout(root["functionTimeout"], errors);
        HostJsonKeys.Check(root, errors);
    }

    /// <summary>All of it, keys joined by <c>:</c>; settings named <c>AzureFunctionsJobHost:…</c> stand above the file.</summary>
    public IConfiguration Root { get; }

    /// <summary>What stands before every route, without slashes at its ends.</summary>
    public string RoutePrefix { get; }

    /// <summary>How long a function may run; null is without end.</summary>
    public TimeSpan? FunctionTimeout { get; }

    public IConfigurationSection DurableTask => Root.GetSection("extensions:durableTask");

    public IConfigurationSection EventHubs => Root.GetSection("extensions:eventHubs");

    public IConfigurationSection LogLevels => Root.GetSection("logging:logLevel");

    /// <param name="folders">Where to look for the file, in this order; without a file all settings have their defaults.</param>
    public static HostJson Load(IEnumerable<string> folders, IConfiguration settings, StartErrors errors)
    {
        var builder = new ConfigurationBuilder();
        string? prefix = null;
        var file = folders.Select(f => Path.Combine(f, "host.json")).FirstOrDefault(File.Exists);
        if (file is not null)
        {
            try
            {
                var values = JsonSettings.Read(file);
                prefix = values.GetValueOrDefault(PrefixKey);
                builder.AddInMemoryCollection(values);
            }
            catch (JsonException exception)
            {
                errors.AddSetting(file, $"it is not JSON ({exception.Message})", "correct it");
                file = null;
            }
        }

        var root = builder.AddConfiguration(settings.GetSection("AzureFunctionsJobHost")).Build();
        if (file is not null && root["version"] != "2.0")
        {
            errors.AddSetting(file, "\"version\" is not \"2.0\"", "add \"version\": \"2.0\", which the official host demands");
        }

        if (root[PrefixKey] != prefix)
        {
            errors.AddSetting(
                $"AzureFunctionsJobHost:{PrefixKey}",
                "the official worker does not see it and goes on with host.json, so that no route fits",
                "change routePrefix in host.json");
        }

        return new HostJson(root, errors);
    }

    private static string Prefix(string? text, StartErrors errors)
    {
        var prefix = text ?? "api";
        if (prefix != prefix.Trim('/'))
        {
            errors.AddSetting("extensions.http.routePrefix in host.json", $"'{prefix}' has a slash at an end, which makes routes with an empty segment", "leave it out");
        }

        return prefix.Trim('/');
    }

    private static TimeSpan? Timeout(string? text, StartErrors errors)
    {
        if (text is null)
        {
            return DefaultFunctionTimeout;
        }

        if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value))
        {
            errors.AddSetting("functionTimeout in host.json", $"'{text}' is not a time", "write hh:mm:ss, or -1 for no limit");
            return null;
        }

        // "-1" is read as minus one day.
        if (value == TimeSpan.FromDays(-1))
        {
            return null;
        }

        if (value < LeastTimeout || value > MostTimeout)
        {
            errors.AddSetting("functionTimeout in host.json", $"'{text}' is not between a second and 24 days", "write hh:mm:ss, or -1 for no limit");
        }

        return value;
    }
}
