using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPlatform.Tables.Protocol;

/// <summary>The document in <c>metaData.schemaString</c>.</summary>
internal static class SchemaDocument
{
    /// <exception cref="JsonException">The text is no schema.</exception>
    public static IReadOnlyList<TableColumn> Parse(string text, out bool hasInvariants)
    {
        var columns = new List<TableColumn>();
        hasInvariants = false;
        foreach (var field in Fields(text))
        {
            columns.Add(new TableColumn(NameOf(field), TypeOf(field), field["nullable"]?.GetValue<bool>() ?? true));
            hasInvariants |= (field["metadata"] as JsonObject)?.ContainsKey("delta.invariants") == true;
        }

        return columns;
    }

    /// <summary>Writes a schema; what <paramref name="previous"/> says of a column beyond our words (comments, metadata) is kept.</summary>
    public static string Write(IEnumerable<TableColumn> columns, string? previous = null)
    {
        var known = previous is null
            ? []
            : Fields(previous).ToDictionary(NameOf, field => field, StringComparer.Ordinal);
        var fields = new JsonArray();
        foreach (var column in columns)
        {
            var kept = known.GetValueOrDefault(column.Name);
            var field = kept is not null && TypeOf(kept) == column.Type ? kept.DeepClone().AsObject() : new JsonObject
            {
                ["name"] = column.Name,
                ["type"] = column.Type.StartsWith('{') ? JsonNode.Parse(column.Type) : column.Type,
                ["nullable"] = column.Nullable,
                ["metadata"] = new JsonObject(),
            };
            field["nullable"] = column.Nullable;
            fields.Add((JsonNode)field);
        }

        return new JsonObject { ["type"] = "struct", ["fields"] = fields }.ToJsonString();
    }

    private static IEnumerable<JsonObject> Fields(string text) =>
        JsonNode.Parse(text)?["fields"] is JsonArray fields
            ? fields.Select(field => field as JsonObject ?? throw new JsonException("A field of the schema is not an object."))
            : throw new JsonException("The schema has no fields.");

    private static string NameOf(JsonObject field) =>
        field["name"]?.GetValue<string>() ?? throw new JsonException("A field of the schema has no name.");

    // A nested type is an object; its compact text stands for it.
    private static string TypeOf(JsonObject field) => field["type"] switch
    {
        JsonValue value => value.GetValue<string>(),
        JsonObject nested => nested.ToJsonString(),
        _ => throw new JsonException($"The field '{NameOf(field)}' of the schema has no type."),
    };
}
