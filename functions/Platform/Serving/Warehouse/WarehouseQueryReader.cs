using System.Globalization;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Serving.Warehouse;

/// <summary>Reads the body of a query: <c>{sql, parameters?, format?, maxRows?, timeout?, explain?, versions?}</c>.</summary>
internal static class WarehouseQueryReader
{
    private const int MaxParameters = 100;
    private static readonly string[] Members = ["sql", "parameters", "format", "maxRows", "timeout", "explain", "versions"];

    /// <param name="most">The longest time a query may take.</param>
    /// <exception cref="TerminalException">400 <c>InvalidQuery</c>, 406.</exception>
    public static WarehouseQuery Read(ReadOnlyMemory<byte> body, IHeaderDictionary headers, TimeSpan most)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return Read(document.RootElement, headers, most);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Fault("the body is not well-formed JSON", "$");
        }
    }

    private static WarehouseQuery Read(JsonElement root, IHeaderDictionary headers, TimeSpan most)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Fault("the body must be an object with the member 'sql'", "$");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject())
        {
            var name = ObjectReader.Shorten(member.Name);
            if (!Members.Contains(member.Name, StringComparer.Ordinal))
                throw Fault($"'{name}' is not known here.{DidYouMean.Sentence(member.Name, Members)} Known: {string.Join(", ", Members)}", name);
            if (!seen.Add(member.Name))
                throw Fault($"'{name}' stands here more than once", name);
        }

        return new WarehouseQuery(
            Text(root, "sql") ?? throw Fault("'sql' is missing", "sql"),
            Parameters(root),
            RowFormats.ChooseStreamed(Text(root, "format"), headers),
            MaxRows(root),
            Timeout(root, most),
            root.TryGetProperty("explain", out var explain) && Flag(explain),
            Versions(root));
    }

    private static string? Text(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Fault($"'{name}' must be a text", name);

    private static bool Flag(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fault("'explain' must be true or false", "explain"),
    };

    private static long? MaxRows(JsonElement root) =>
        !root.TryGetProperty("maxRows", out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var rows) && rows > 0 ? rows
        : throw Fault("'maxRows' must be a whole number from 1", "maxRows");

    private static TimeSpan? Timeout(JsonElement root, TimeSpan most)
    {
        if (!root.TryGetProperty("timeout", out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds > 0 && seconds <= most.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw Fault(
                string.Create(CultureInfo.InvariantCulture, $"'timeout' must be a number of seconds, more than 0 and at most {most.TotalSeconds}"), "timeout");
    }

    private static Dictionary<string, JsonElement> Parameters(JsonElement root)
    {
        var parameters = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        if (!root.TryGetProperty("parameters", out var given))
            return parameters;
        if (given.ValueKind == JsonValueKind.Array)
        {
            foreach (var value in given.EnumerateArray())
                Add((parameters.Count + 1).ToString(CultureInfo.InvariantCulture), value);
        }
        else if (given.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in given.EnumerateObject())
                Add(member.Name, member.Value);
        }
        else
        {
            throw Fault("'parameters' must be a list of values, or an object of values by name", "parameters");
        }

        return parameters;

        void Add(string name, JsonElement value)
        {
            var shown = ObjectReader.Shorten(name);
            if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
                throw Fault($"the parameter '{shown}' must be a text, a number, true, false or null", "parameters");
            if (parameters.Count == MaxParameters)
                throw Fault($"'parameters' may have at most {MaxParameters} values", "parameters");
            if (!parameters.TryAdd(name, value.Clone()))
                throw Fault($"the parameter '{shown}' is there twice", "parameters");
        }
    }

    private static Dictionary<string, long> Versions(JsonElement root)
    {
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        if (!root.TryGetProperty("versions", out var given))
            return versions;
        if (given.ValueKind != JsonValueKind.Object)
            throw Fault("'versions' must be an object such as {\"orders\": 12}", "versions");
        foreach (var member in given.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Number || !member.Value.TryGetInt64(out var version) || version < 0)
                throw Fault($"the version of '{ObjectReader.Shorten(member.Name)}' must be a whole number from 0", "versions");
            versions[member.Name.ToLowerInvariant()] = version;
        }

        return versions;
    }

    private static TerminalException Fault(string fault, string target) =>
        new(FailureKind.Invalid, "InvalidQuery", $"The query cannot be read: {fault}.", target);
}
