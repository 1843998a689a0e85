using System.Text.Json;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Where settings come from, the later above the earlier: <c>Values</c> of <c>local.settings.json</c>, environment, command line.</summary>
internal static class LocalSettings
{
    public static void Add(IConfigurationManager configuration, RuntimeOptions options, StartErrors errors)
    {
        var file = Path.Combine(options.Root, "local.settings.json");
        if (File.Exists(file))
        {
            try
            {
                configuration.AddInMemoryCollection(JsonSettings.Read(file, "Values"));
            }
            catch (JsonException exception)
            {
                errors.AddSetting(file, $"it is not JSON ({exception.Message})", "correct it");
            }
        }

        if (options.ReadEnvironment)
        {
            configuration.AddEnvironmentVariables();
        }

        configuration.AddCommandLine(options.Args);
    }
}
