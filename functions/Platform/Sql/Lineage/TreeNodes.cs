using System.Text.Json;

namespace DataPlatform.Sql.Lineage;

/// <summary>Reading of the syntax tree that <c>json_serialize_sql</c> gives.</summary>
internal static class TreeNodes
{
    public static string Text(this JsonElement node, string member) =>
        node.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public static bool Flag(this JsonElement node, string member) => node.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>A member that is a node.</summary>
    public static JsonElement? Node(this JsonElement node, string member) =>
        node.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    /// <summary>A member that is a list; empty when it is not there.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement node, string member) =>
        node.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    public static IReadOnlyList<string> Names(this JsonElement node, string member) => [.. node.List(member).Select(name => name.GetString()!)];

    /// <summary>The place that a constant number names in a list, from 1; null when it is none.</summary>
    public static int? Position(this JsonElement node) => node.Text("class") switch
    {
        "CONSTANT" when node.Node("value") is { } value && value.TryGetProperty("value", out var number)
            && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var position) => position,
        "POSITIONAL_REFERENCE" when node.TryGetProperty("index", out var index) && index.TryGetInt32(out var place) => place,
        _ => null,
    };

    /// <summary>Whether a <c>*</c> or COLUMNS stands anywhere in an expression, subqueries left out.</summary>
    public static bool HasStar(this JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.Array => node.EnumerateArray().Any(HasStar),
        JsonValueKind.Object => node.Text("class") switch
        {
            "STAR" => true,
            "SUBQUERY" => false,
            _ => node.EnumerateObject().Any(member => member.Value.HasStar()),
        },
        _ => false,
    };
}
