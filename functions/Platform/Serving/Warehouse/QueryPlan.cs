using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPlatform.Serving.Warehouse;

/// <summary>The engine's plan of a query, with what may leave: no place of this machine.</summary>
internal static class QueryPlan
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "Aggregates", "Conditions", "Estimated Cardinality", "Expression", "Expressions", "Filters", "Function", "Groups", "Join Type", "Order By",
        "Partitions", "Projections", "Table Index", "Top", "CTE Name", "Index",
    };

    /// <param name="json">What <c>EXPLAIN (FORMAT json)</c> gives.</param>
    public static JsonObject Of(string json) => new() { ["plan"] = Nodes(JsonNode.Parse(json)!.AsArray()) };

    private static JsonArray Nodes(JsonArray nodes) => [.. nodes.Select(node => Node(node!.AsObject()))];

    private static JsonObject Node(JsonObject node)
    {
        var details = new JsonObject();
        foreach (var (name, value) in node["extra_info"] as JsonObject ?? [])
        {
            if (Known.Contains(name))
                details[JsonNamingPolicy.CamelCase.ConvertName(name.Replace(" ", "", StringComparison.Ordinal))] = value!.DeepClone();
        }

        return new JsonObject { ["operator"] = (string?)node["name"], ["details"] = details, ["children"] = Nodes(node["children"]!.AsArray()) };
    }
}
