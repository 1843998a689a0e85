using System.Globalization;
using System.Text.Json;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Flattens a JSON file into settings with <c>:</c> between the parts of a key.</summary>
internal static class JsonSettings
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <param name="path">The object to read, from the root; null is the root.</param>
    /// <exception cref="JsonException">The file is not a JSON object.</exception>
    public static Dictionary<string, string?> Read(string file, string? path = null)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file), Lenient);
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("the root is not an object");
        }

        if (path is null || root.TryGetProperty(path, out root))
        {
            Flatten(root, "", settings);
        }

        return settings;
    }

    private static void Flatten(JsonElement element, string key, Dictionary<string, string?> settings)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    Flatten(property.Value, Join(key, property.Name), settings);
                }

                break;
            case JsonValueKind.Array:
                foreach (var (index, item) in element.EnumerateArray().Index())
                {
                    Flatten(item, Join(key, index.ToString(CultureInfo.InvariantCulture)), settings);
                }

                break;
            case JsonValueKind.Null:
                settings[key] = null;
                break;
            case JsonValueKind.True or JsonValueKind.False:
                settings[key] = element.GetBoolean() ? "true" : "false";
                break;
            default:
                settings[key] = element.ToString();
                break;
        }
    }

    // Environment variables write ":" as "__", and local.settings.json is a list of those.
    private static string Join(string key, string name)
    {
        var part = name.Replace("__", ":", StringComparison.Ordinal);
        return key.Length == 0 ? part : $"{key}:{part}";
    }
}
