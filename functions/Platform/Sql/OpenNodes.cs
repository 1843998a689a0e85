using System.Text.Json;

namespace DataPlatform.Sql;

/// <summary>What a caller's query may be made of: the kinds of nodes and expressions of its syntax tree.</summary>
internal static class OpenNodes
{
    private static readonly HashSet<string> Expressions =
    [
        "COLUMN_REF", "CONSTANT", "FUNCTION", "WINDOW", "COMPARISON", "CONJUNCTION", "OPERATOR", "BETWEEN", "CASE", "CAST", "COLLATE", "LAMBDA",
        "PARAMETER", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY",
    ];

    private static readonly string[] Engines = ["duckdb_", "pragma_", "sqlite_", "pg_"];

    private static readonly HashSet<string> Nodes =
    [
        "SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST",
        "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING",
        "DECIMAL_TYPE_INFO", "LIST_TYPE_INFO", "STRUCT_TYPE_INFO", "ARRAY_TYPE_INFO", "STRING_TYPE_INFO", "UNBOUND_TYPE_INFO",
    ];

    /// <returns>Why the node cannot be used; null when it can.</returns>
    public static string? Fault(JsonElement node)
    {
        var type = Text(node, "type");
        if (Text(node, "class") is { Length: > 0 } kind)
            return Expressions.Contains(kind) ? kind is "FUNCTION" or "WINDOW" ? OfFunction(node) : null : $"{kind} cannot be used here";
        return type switch
        {
            "" => null,
            "SHOW_REF" => "it must be a SELECT; DESCRIBE, SHOW and SUMMARIZE are not",
            "TABLE_FUNCTION" => OfTableFunction(node.GetProperty("function")),
            "UNBOUND_TYPE_INFO" when Text(node, "catalog").Length > 0 || Text(node, "schema").Length > 0 => "types are named without a schema",
            _ => Nodes.Contains(type) ? null : $"{type} cannot be used here",
        };
    }

    /// <summary>Names of the engine's own views begin so: an expression of WITH that bears one could be mistaken for it.</summary>
    public static bool IsEngines(string name) => Engines.Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether its <c>function</c> gives rows, and so is looked up among other names.</summary>
    public static bool IsTableFunction(JsonElement node) => Text(node, "class").Length == 0 && Text(node, "type") == "TABLE_FUNCTION";

    private static string? OfFunction(JsonElement node)
    {
        var name = Text(node, "function_name");

        // The parser itself writes main before what it makes of brackets and braces.
        var bare = Text(node, "schema") is "" or "main" && Text(node, "catalog").Length == 0;
        return bare && OpenFunctions.Allows(name) ? null : $"the function '{name}' is not allowed in queries";
    }

    private static string? OfTableFunction(JsonElement function)
    {
        var name = Text(function, "function_name");
        return Text(function, "class") == "FUNCTION" && Text(function, "schema").Length == 0 && Text(function, "catalog").Length == 0
            && OpenFunctions.AllowsTable(name)
                ? null
                : $"the table function '{name}' is not allowed in queries: read tables by their names";
    }

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
