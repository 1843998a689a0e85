using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Sql.Maintenance;

/// <summary>
/// Chooses the files that may hold rows which meet a condition, by partition values and statistics alone: no file is opened. Comparisons of a column
/// with a constant, BETWEEN, IN and IS [NOT] NULL are understood, with AND and OR between them; all else may hold in any file.
/// </summary>
internal static class FilePruning
{
    private const string Bounds = "file_bounds";

    // Types whose values keep their order when they are cast to one another.
    private static readonly HashSet<string> OrderedCasts = new(StringComparer.OrdinalIgnoreCase)
    {
        "DATE", "TIMESTAMP", "DATETIME", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "SMALLINT", "INTEGER", "INT", "BIGINT", "DOUBLE", "DECIMAL", "NUMERIC",
    };

    /// <returns>In their order.</returns>
    public static async Task<IReadOnlyList<DataFile>> ChooseAsync(
        SqlSession session, Snapshot snapshot, JsonElement condition, CancellationToken cancellationToken)
    {
        var sought = new Sought([.. snapshot.Columns]);
        if (snapshot.Files.Count == 0 || sought.May(JsonNode.Parse(condition.GetRawText())!) is not { } may)
            return snapshot.Files;

        var columns = sought.Columns;
        await session.ExecuteAsync(
            $"CREATE OR REPLACE TABLE {Bounds} (file INTEGER, all_rows BIGINT{string.Concat(columns.Select((column, i) => $", l{i} {TypeOf(column)}, h{i} {TypeOf(column)}, n{i} BIGINT"))})",
            cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO {Bounds} SELECT CAST(key AS INTEGER), TRY_CAST(value->>0 AS BIGINT){string.Concat(columns.Select((column, i) =>
                $", {FileBounds.TypedLow($"(value->>{(3 * i) + 1})", TypeOf(column))}, {FileBounds.TypedHigh($"(value->>{(3 * i) + 2})", TypeOf(column))}, TRY_CAST(value->>{(3 * i) + 3} AS BIGINT)"))}
            FROM json_each(CAST($1 AS JSON))
            """,
            [Values(snapshot, columns)],
            cancellationToken);

        // The engine writes the condition that was made of the caller's: so both understand constants alike.
        var tree = JsonNode.Parse((await session.ReadAsync(
            $"SELECT json_serialize_sql('SELECT file, true AS may FROM {Bounds}')", [], reader => reader.GetString(0), cancellationToken))[0])!;
        var list = tree["statements"]![0]!["node"]!["select_list"]!.AsArray();
        may["alias"] = "may";
        list[1] = may;
        var query = (await session.ReadAsync("SELECT json_deserialize_sql(CAST($1 AS JSON))", [tree.ToJsonString()], reader => reader.GetString(0), cancellationToken))[0];
        try
        {
            return await session.ReadAsync(
                $"SELECT file FROM ({query.TrimEnd().TrimEnd(';')}) WHERE may IS NOT FALSE ORDER BY file", [], reader => snapshot.Files[reader.GetInt32(0)], cancellationToken);
        }
        catch (TerminalException fault) when (fault.Kind == FailureKind.Invalid)
        {
            // Whether the condition can be computed is for its rows to say.
            return snapshot.Files;
        }
    }

    // As conditions see it: instants are shown as UTC timestamps.
    private static string TypeOf(TableColumn column) => column.Type == "timestamp" ? "TIMESTAMP" : DeltaTypes.ToSql(column.Type);

    private static string Values(Snapshot snapshot, IReadOnlyList<TableColumn> columns)
    {
        var files = new JsonArray();
        foreach (var file in snapshot.Files)
        {
            var values = new JsonArray(Text(file.Statistics?.Rows));
            foreach (var column in columns)
            {
                values.Add(FileBounds.Low(file, column));
                values.Add(FileBounds.High(file, column));
                values.Add(Nulls(file, column));
            }

            files.Add(values);
        }

        return files.ToJsonString();
    }

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Nulls(DataFile file, TableColumn column) =>
        PartitionValues.TryOf(file, column.Name, out var value) ? value is null ? Text(file.Statistics?.Rows) : "0"
        : file.Statistics?.NullCount.TryGetValue(column.Name, out var nulls) == true ? Text(nulls)
        : null;

    /// <summary>Makes of a condition on rows one on the bounds of files: false where no row can meet it, true or NULL where one may.</summary>
    private sealed class Sought(IReadOnlyList<TableColumn> all)
    {
        private readonly List<TableColumn> _columns = [];

        public IReadOnlyList<TableColumn> Columns => _columns;

        /// <returns>Null where nothing can be said.</returns>
        public JsonNode? May(JsonNode node)
        {
            var type = (string?)node["type"];
            switch (type)
            {
                case "CONJUNCTION_AND":
                    return Conjunction("CONJUNCTION_AND", [.. node["children"]!.AsArray().Select(child => May(child!)).OfType<JsonNode>()]);
                case "CONJUNCTION_OR":
                    var branches = node["children"]!.AsArray().Select(child => May(child!)).ToList();
                    return branches.Contains(null) ? null : Conjunction("CONJUNCTION_OR", branches!);
                case "COMPARE_EQUAL" or "COMPARE_LESSTHAN" or "COMPARE_GREATERTHAN" or "COMPARE_LESSTHANOREQUALTO" or "COMPARE_GREATERTHANOREQUALTO":
                    return Column(node["left"]!) is { } left && IsConstant(node["right"]!, left) ? Compare(left, type, node["right"]!)
                        : Column(node["right"]!) is { } right && IsConstant(node["left"]!, right) ? Compare(right, Mirrored(type), node["left"]!)
                        : null;
                case "COMPARE_BETWEEN":
                    return Column(node["input"]!) is { } input && IsConstant(node["lower"]!, input) && IsConstant(node["upper"]!, input)
                        ? Conjunction("CONJUNCTION_AND", [Compare(input, "COMPARE_GREATERTHANOREQUALTO", node["lower"]!), Compare(input, "COMPARE_LESSTHANOREQUALTO", node["upper"]!)])
                        : null;
                case "COMPARE_IN":
                    var children = node["children"]!.AsArray();
                    return Column(children[0]!) is { } one && children.Skip(1).All(child => IsConstant(child!, one))
                        ? Conjunction("CONJUNCTION_OR", [.. children.Skip(1).Select(child => Compare(one, "COMPARE_EQUAL", child!))])
                        : null;
                case "OPERATOR_IS_NULL":
                    return Column(node["children"]![0]!) is { } empty ? Comparison("COMPARE_GREATERTHAN", Reference($"n{IndexOf(empty)}"), Number(0)) : null;
                case "OPERATOR_IS_NOT_NULL":
                    return Column(node["children"]![0]!) is { } full ? IsNotAlwaysNull(full) : null;
                default:
                    return null;
            }
        }

        private JsonNode Compare(TableColumn column, string type, JsonNode constant)
        {
            var (low, high) = ($"l{IndexOf(column)}", $"h{IndexOf(column)}");
            List<JsonNode?> bounds = [IsNotAlwaysNull(column)];
            if (type is not ("COMPARE_GREATERTHAN" or "COMPARE_GREATERTHANOREQUALTO"))
                bounds.Add(Comparison(type is "COMPARE_EQUAL" ? "COMPARE_LESSTHANOREQUALTO" : type, Reference(low), constant.DeepClone()));
            if (type is not ("COMPARE_LESSTHAN" or "COMPARE_LESSTHANOREQUALTO"))
                bounds.Add(Comparison(type is "COMPARE_EQUAL" ? "COMPARE_GREATERTHANOREQUALTO" : type, Reference(high), constant.DeepClone()));
            return Conjunction("CONJUNCTION_AND", bounds)!;
        }

        private JsonObject IsNotAlwaysNull(TableColumn column) => Comparison("COMPARE_LESSTHAN", Reference($"n{IndexOf(column)}"), Reference("all_rows"));

        private int IndexOf(TableColumn column)
        {
            if (!_columns.Contains(column))
                _columns.Add(column);
            return _columns.IndexOf(column);
        }

        private TableColumn? Column(JsonNode node) =>
            (string?)node["type"] == "COLUMN_REF" && node["column_names"] is JsonArray { Count: 1 } names
            && all.FirstOrDefault(column => string.Equals(column.Name, (string)names[0]!, StringComparison.OrdinalIgnoreCase)) is { } found
            && !found.Type.StartsWith('{')
                ? found
                : null;

        /// <summary>A constant that is compared with the column as values of the column are with one another.</summary>
        private static bool IsConstant(JsonNode node, TableColumn column) => (string?)node["class"] switch
        {
            "CONSTANT" => column.Type != "string" || (string?)node["value"]!["type"]!["id"] == "VARCHAR",
            "CAST" when column.Type != "string" => OrderedCasts.Contains(NameOf(node["cast_type"]!)) && IsConstant(node["child"]!, column),
            "FUNCTION" when column.Type != "string" =>
                (string?)node["function_name"] == "-" && node["children"] is JsonArray { Count: 1 } children && IsConstant(children[0]!, column),
            _ => false,
        };

        private static string NameOf(JsonNode type) => (string?)type["type_info"]?["name"] is { Length: > 0 } name ? name : (string?)type["id"] ?? "";

        private static string Mirrored(string type) => type switch
        {
            "COMPARE_LESSTHAN" => "COMPARE_GREATERTHAN",
            "COMPARE_GREATERTHAN" => "COMPARE_LESSTHAN",
            "COMPARE_LESSTHANOREQUALTO" => "COMPARE_GREATERTHANOREQUALTO",
            "COMPARE_GREATERTHANOREQUALTO" => "COMPARE_LESSTHANOREQUALTO",
            _ => type,
        };

        private static JsonNode? Conjunction(string type, List<JsonNode?> children) => children.Count switch
        {
            0 => null,
            1 => children[0],
            _ => new JsonObject { ["class"] = "CONJUNCTION", ["type"] = type, ["alias"] = "", ["children"] = new JsonArray([.. children]) },
        };

        private static JsonObject Comparison(string type, JsonNode left, JsonNode right) =>
            new() { ["class"] = "COMPARISON", ["type"] = type, ["alias"] = "", ["left"] = left, ["right"] = right };

        private static JsonObject Reference(string column) =>
            new() { ["class"] = "COLUMN_REF", ["type"] = "COLUMN_REF", ["alias"] = "", ["column_names"] = new JsonArray(column) };

        private static JsonObject Number(int number) => new()
        {
            ["class"] = "CONSTANT",
            ["type"] = "VALUE_CONSTANT",
            ["alias"] = "",
            ["value"] = new JsonObject { ["type"] = new JsonObject { ["id"] = "INTEGER", ["type_info"] = null }, ["is_null"] = false, ["value"] = number },
        };
    }
}
