using System.Text.Json;

namespace DataPlatform.Sql;

/// <summary>What an expression over one row may name and call, beyond what every caller's query may.</summary>
internal static class RowExpression
{
    /// <summary>Functions whose value depends on when they are called, or on chance. Their work could neither be repeated nor told beforehand.</summary>
    internal static readonly IReadOnlySet<string> Changing = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "ago", "current_date", "current_localtime", "current_localtimestamp", "gen_random_uuid", "get_current_time", "get_current_timestamp", "now", "random",
        "today", "transaction_timestamp", "uuid", "uuidv4", "uuidv7",
    };

    private const int MostNamed = 20;

    /// <summary>Words that the engine takes for values of its own where no column has their name.</summary>
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
    };

    /// <returns>The first thing that cannot be used, and why; null when all can.</returns>
    public static (JsonElement Node, string Message)? FindFault(JsonElement expression, IEnumerable<string> columns) =>
        Find(expression, [.. columns], []);

    private static (JsonElement Node, string Message)? Find(JsonElement element, IReadOnlyList<string> columns, IReadOnlyList<string> bound)
    {
        if (element.ValueKind == JsonValueKind.Array)
            return element.EnumerateArray().Select(item => Find(item, columns, bound)).FirstOrDefault(fault => fault is not null);
        if (element.ValueKind != JsonValueKind.Object)
            return null;
        switch (Text(element, "class"))
        {
            case "SUBQUERY":
                return (element, "a subquery cannot be used here");
            case "STAR":
                return (element, "'*' cannot be used here: name the columns");
            case "FUNCTION" when IsChanging(element):
                return (element, $"'{Text(element, "function_name")}' gives another value each time: write the value itself");
            case "COLUMN_REF":
                return OfColumn(element, columns, bound);
            case "LAMBDA":
                bound = [.. bound, .. NamesIn(element.GetProperty("lhs"))];
                break;
        }

        return element.EnumerateObject().Select(property => Find(property.Value, columns, bound)).FirstOrDefault(fault => fault is not null);
    }

    private static bool IsChanging(JsonElement function) =>
        Changing.Contains(Text(function, "function_name"))
        || (Text(function, "function_name").Equals("age", StringComparison.OrdinalIgnoreCase) && function.GetProperty("children").GetArrayLength() == 1);

    private static (JsonElement Node, string Message)? OfColumn(JsonElement node, IReadOnlyList<string> columns, IReadOnlyList<string> bound)
    {
        var name = node.GetProperty("column_names")[0].GetString()!;
        if (columns.Contains(name, StringComparer.OrdinalIgnoreCase) || bound.Contains(name, StringComparer.OrdinalIgnoreCase))
            return null;
        return (node, Words.Contains(name)
            ? $"'{name}' gives another value each time: write the value itself"
            : $"there is no column '{name}' (there are {string.Join(", ", columns.Take(MostNamed))}{(columns.Count > MostNamed ? ", …" : "")})");
    }

    private static IEnumerable<string> NamesIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(NamesIn),
        JsonValueKind.Object when Text(element, "class") == "COLUMN_REF" => [element.GetProperty("column_names")[0].GetString()!],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => NamesIn(property.Value)),
        _ => [],
    };

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
