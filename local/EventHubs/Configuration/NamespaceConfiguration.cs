using System.Text.Json;
using System.Text.RegularExpressions;

namespace DataPlatform.Local.EventHubs.Configuration;

/// <summary>The event hubs that there are: the <c>Config.json</c> of the official emulator.</summary>
internal sealed partial record NamespaceConfiguration(string Name, IReadOnlyList<EventHubConfiguration> EventHubs)
{
    /// <summary>The emulator's own bound; the service allows 32 as well.</summary>
    public const int MaxPartitions = 32;

    /// <summary>Reads <c>{"UserConfig": {"NamespaceConfig": [{"Type": "EventHub", "Name": …, "Entities": […]}]}}</c>.</summary>
    /// <exception cref="InvalidDataException">It is not such a document; the message names each mistake and its place.</exception>
    public static NamespaceConfiguration Parse(string json)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            root = document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The configuration is not JSON: {exception.Message}", exception);
        }

        if (Find(root, "UserConfig") is not { } user || Find(user, "NamespaceConfig") is not { ValueKind: JsonValueKind.Array } namespaces || namespaces.GetArrayLength() != 1)
            throw new InvalidDataException("UserConfig.NamespaceConfig must be an array with one namespace.");
        var first = namespaces[0];
        var errors = new List<string>();
        if (Text(first, "Type") is { } type && !type.Equals("EventHub", StringComparison.OrdinalIgnoreCase))
            errors.Add($"UserConfig.NamespaceConfig[0].Type is \"{type}\"; only \"EventHub\" is known.");
        var hubs = ReadHubs(first, errors);
        return errors.Count == 0
            ? new NamespaceConfiguration(Text(first, "Name") ?? "emulatorNs1", hubs)
            : throw new InvalidDataException(string.Join(' ', errors));
    }

    private static List<EventHubConfiguration> ReadHubs(JsonElement space, List<string> errors)
    {
        const string Place = "UserConfig.NamespaceConfig[0].Entities";
        var hubs = new List<EventHubConfiguration>();
        if (Find(space, "Entities") is not { ValueKind: JsonValueKind.Array } entities)
        {
            errors.Add($"{Place} must be an array of event hubs.");
            return hubs;
        }

        for (var i = 0; i < entities.GetArrayLength(); i++)
        {
            var name = Text(entities[i], "Name");
            if (name is null || !HubName().IsMatch(name))
                errors.Add($"{Place}[{i}].Name must be letters, digits, '.', '-' and '_', 1 to 256 of them, a letter or digit first and last.");
            else if (hubs.Any(hub => hub.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                errors.Add($"{Place}[{i}].Name \"{name}\" is there twice.");
            var partitions = Number(entities[i], "PartitionCount");
            if (partitions is < 1 or > MaxPartitions)
                errors.Add($"{Place}[{i}].PartitionCount must be 1 to {MaxPartitions}.");
            hubs.Add(new EventHubConfiguration(name ?? "", partitions, ReadGroups(entities[i], $"{Place}[{i}]", errors)));
        }

        return hubs;
    }

    private static List<string> ReadGroups(JsonElement entity, string place, List<string> errors)
    {
        var groups = new List<string>();
        if (Find(entity, "ConsumerGroups") is not { } listed)
            return groups;
        for (var i = 0; listed.ValueKind == JsonValueKind.Array && i < listed.GetArrayLength(); i++)
        {
            if (Text(listed[i], "Name") is { Length: > 0 and <= 50 } name)
                groups.Add(name);
            else
                errors.Add($"{place}.ConsumerGroups[{i}].Name must be 1 to 50 characters.");
        }

        return groups;
    }

    private static JsonElement? Find(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var property in element.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        }

        return null;
    }

    private static string? Text(JsonElement element, string name) => Find(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    // The emulator's own samples write the number as text.
    private static int Number(JsonElement element, string name) => Find(element, name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var value) => value,
        { ValueKind: JsonValueKind.String } text when int.TryParse(text.GetString(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var value) => value,
        _ => 0,
    };

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex HubName();
}
