using System.Globalization;
using System.Text.Json;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Reads JSON files of settings; comments and trailing commas are fine, as on the official host.</summary>
internal static class JsonSettings
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <exception cref="JsonException">The file is not a JSON object.</exception>
    public static JsonDocument Parse(string file)
    {
        var document = JsonDocument.Parse(File.ReadAllBytes(file), Lenient);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        document.Dispose();
        throw new JsonException("the root is not an object");
    }

    /// <summary>The whole file, with <c>:</c> between the parts of a key.</summary>
    /// <exception cref="JsonException">The file is not a JSON object.</exception>
    public static Dictionary<string, string?> Read(string file)
    {
        using var document = Parse(file);
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Flatten(document.RootElement, "", settings);
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

    private static string Join(string key, string name) => key.Length == 0 ? name : $"{key}:{name}";
}
