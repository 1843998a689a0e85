using System.Text.Json;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Where settings come from, the later above the earlier: <c>local.settings.json</c>, environment, command line.</summary>
/// <remarks>
/// The file as Core Tools have it: <c>Values</c> are settings, <c>ConnectionStrings</c> settings of that section, and <c>Host</c> says where to
/// listen and which web sites may call.
/// </remarks>
internal static class LocalSettings
{
    private const string FileName = "local.settings.json";
    private static readonly string[] Sections = ["IsEncrypted", "Values", "Host", "ConnectionStrings"];

    private static readonly Dictionary<string, string> HostSettings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["LocalHttpPort"] = "LocalRuntime:Port",
        ["CORS"] = "LocalRuntime:Cors",
        ["CORSCredentials"] = "LocalRuntime:CorsCredentials",
    };

    public static void Add(IConfigurationManager configuration, RuntimeOptions options, StartErrors errors)
    {
        if (options.LocalSettingsFolders.Select(f => Path.Combine(f, FileName)).FirstOrDefault(File.Exists) is { } file)
        {
            configuration.AddInMemoryCollection(Read(file, errors));
        }

        if (options.ReadEnvironment)
        {
            configuration.AddEnvironmentVariables();
        }

        configuration.AddCommandLine(options.Args);
        if (configuration["FUNCTIONS_WORKER_RUNTIME"] is { Length: > 0 } worker and not "dotnet-isolated")
        {
            errors.AddSetting("FUNCTIONS_WORKER_RUNTIME", $"'{worker}' is another kind of worker, which the official host would start", "write dotnet-isolated");
        }
    }

    private static Dictionary<string, string?> Read(string file, StartErrors errors)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        try
        {
            using var document = JsonSettings.Parse(file);
            foreach (var section in document.RootElement.EnumerateObject())
            {
                AddSection(section, file, settings, errors);
            }
        }
        catch (JsonException exception)
        {
            errors.AddSetting(file, $"it is not JSON ({exception.Message})", "correct it");
        }

        return settings;
    }

    private static void AddSection(JsonProperty section, string file, Dictionary<string, string?> settings, StartErrors errors)
    {
        switch (section.Name.ToUpperInvariant())
        {
            case "ISENCRYPTED":
                if (section.Value.ValueKind == JsonValueKind.True)
                {
                    errors.AddSetting(file, "its values are encrypted, and only Core Tools have the key", "run 'func settings decrypt', or write them anew with \"IsEncrypted\": false");
                }

                break;
            case "VALUES":
                foreach (var value in Members(section, file, errors))
                {
                    settings[value.Name.Replace("__", ":", StringComparison.Ordinal)] = Text(value, file, errors);
                }

                break;
            case "CONNECTIONSTRINGS":
                foreach (var connection in Members(section, file, errors))
                {
                    var text = connection.Value.ValueKind == JsonValueKind.Object && connection.Value.TryGetProperty("ConnectionString", out var inner)
                        ? inner.GetString()
                        : Text(connection, file, errors);
                    settings[$"ConnectionStrings:{connection.Name}"] = text;
                }

                break;
            case "HOST":
                foreach (var value in Members(section, file, errors))
                {
                    if (HostSettings.TryGetValue(value.Name, out var key))
                    {
                        settings[key] = Text(value, file, errors);
                    }
                    else
                    {
                        errors.Warn($"{file}: Host.{value.Name} is not known{Suggestion.For(value.Name, HostSettings.Keys)}.");
                    }
                }

                break;
            default:
                errors.Warn($"{file}: {section.Name} is not known{Suggestion.For(section.Name, Sections)}.");
                break;
        }
    }

    private static JsonElement.ObjectEnumerator Members(JsonProperty section, string file, StartErrors errors)
    {
        if (section.Value.ValueKind == JsonValueKind.Object)
        {
            return section.Value.EnumerateObject();
        }

        errors.AddSetting(file, $"{section.Name} is not an object", "write names and values");
        return default;
    }

    private static string? Text(JsonProperty value, string file, StartErrors errors)
    {
        switch (value.Value.ValueKind)
        {
            case JsonValueKind.Object or JsonValueKind.Array:
                errors.AddSetting(file, $"{value.Name} is not a text", "write one setting a line, with ':' or '__' between the parts of its name");
                return null;
            case JsonValueKind.True or JsonValueKind.False:
                return value.Value.GetBoolean() ? "true" : "false";
            case JsonValueKind.Null:
                return null;
            default:
                return value.Value.ToString();
        }
    }
}
