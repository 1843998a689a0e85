using System.Globalization;

namespace DataPlatform.Platform.Tests.Sql.Lineage;

/// <summary>Random queries over the tables t (a b c d) and u (a e f), whose results do not hang on the order of rows. All columns are integers.</summary>
internal sealed class RandomQuery(Random random)
{
    public static readonly IReadOnlyDictionary<string, string[]> Tables = new Dictionary<string, string[]> { ["t"] = ["a", "b", "c", "d"], ["u"] = ["a", "e", "f"] };

    private int _names;

    /// <summary>A query with columns of known names.</summary>
    public (string Sql, IReadOnlyList<string> Columns) Query(int depth)
    {
        switch (depth == 0 ? 0 : random.Next(9))
        {
            case 1:
                return Grouped(depth);
            case 2:
                return Windowed(depth);
            case 3:
                var (rows, columns) = Plain(depth - 1);
                return ($"SELECT DISTINCT * FROM ({rows})", columns);
            case 4:
                return Combined(depth);
            case 5:
                var (inner, limited) = Query(depth - 1);
                return ($"SELECT * FROM ({inner}) ORDER BY ALL LIMIT {random.Next(1, 6)}", limited);
            case 6:
                return Named(depth);
            case 7:
                return Starred(depth);
            default:
                return Plain(depth);
        }
    }

    private (string, IReadOnlyList<string>) Plain(int depth)
    {
        var (from, scope) = From(depth);
        List<string> items = [], names = [], reusable = [];
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            // Aliases given before can be used again, but not of subqueries.
            var (name, value) = (Name(), Value(random.Next(3) == 0 ? [.. scope, .. reusable] : scope, depth));
            items.Add($"{value} AS {name}");
            names.Add(name);
            if (!value.Contains("SELECT", StringComparison.Ordinal))
                reusable.Add(name);
        }

        return ($"SELECT {string.Join(", ", items)} FROM {from}{Where(scope, depth)}", names);
    }

    private (string, IReadOnlyList<string>) Grouped(int depth)
    {
        var (from, scope) = From(depth);
        var (key, sum, count) = (Name(), Name(), Name());
        var filter = random.Next(2) == 0 ? $" FILTER (WHERE {Condition(scope, depth)})" : "";
        var having = random.Next(3) == 0 ? $" HAVING max({Pick(scope)}) > {random.Next(3)}" : "";
        var group = random.Next(3) switch { 0 => "1", 1 => key, _ => "ALL" };
        var aggregate = Pick(["sum", "min", "max", "count"]);
        return (
            $"SELECT {Value(scope, depth)} AS {key}, {aggregate}({Value(scope, 0)}){filter} AS {sum}, count(DISTINCT {Pick(scope)}) AS {count}"
                + $" FROM {from}{Where(scope, depth)} GROUP BY {group}{having}",
            [key, sum, count]);
    }

    private (string, IReadOnlyList<string>) Windowed(int depth)
    {
        var (from, scope) = From(depth);
        var (value, over) = (Name(), Name());
        var function = Pick([$"sum({Pick(scope)})", $"max({Pick(scope)}) FILTER (WHERE {Condition(scope, 0)})", "rank()", "count(*)"]);
        var qualify = random.Next(3) == 0 ? $" QUALIFY dense_rank() OVER (ORDER BY {Pick(scope)}) < 3" : "";
        return (
            $"SELECT {Value(scope, depth)} AS {value}, {function} OVER (PARTITION BY {Pick(scope)} ORDER BY {Pick(scope)}) AS {over} FROM {from}{Where(scope, depth)}{qualify}",
            [value, over]);
    }

    private (string, IReadOnlyList<string>) Combined(int depth)
    {
        var (left, columns) = Query(depth - 1);
        var right = Query(depth - 1);
        while (right.Columns.Count != columns.Count)
            right = Query(depth - 1);
        return ($"({left}) {Pick(["UNION ALL", "UNION", "EXCEPT", "INTERSECT", "EXCEPT ALL", "INTERSECT ALL"])} ({right.Sql})", columns);
    }

    private (string, IReadOnlyList<string>) Named(int depth)
    {
        var (inner, columns) = Query(depth - 1);
        var (alias, result) = (Name(), Name());
        var names = columns.Select(_ => Name()).ToList();
        return (
            $"WITH {alias} ({string.Join(", ", names)}) AS ({inner}) SELECT x.*, {Value(["u.e", "u.f", .. names.Select(name => $"x.{name}")], 0)} AS {result}"
                + $" FROM {alias} x {Pick(["", "LEFT "])}JOIN u ON u.{Pick(["a", "e"])} = x.{Pick(names)}",
            [.. names, result]);
    }

    private (string, IReadOnlyList<string>) Starred(int depth)
    {
        var (inner, columns) = Query(depth - 1);
        if (columns.Count == 1)
            return ($"FROM ({inner})", columns);
        return random.Next(2) == 0
            ? ($"SELECT * EXCLUDE ({columns[0]}) FROM ({inner})", [.. columns.Skip(1)])
            : ($"SELECT * REPLACE ({Value(columns, 0)} AS {columns[0]}) FROM ({inner}) WHERE {Condition(columns, 0)}", columns);
    }

    private (string Sql, IReadOnlyList<string> Scope) From(int depth)
    {
        switch (random.Next(depth == 0 ? 6 : 8))
        {
            case 0:
                return ("t", ["t.a", "b", "c", "d"]);
            case 1:
                return ("u", ["u.a", "e", "f"]);
            case 2:
                return ($"t {Pick(["", "LEFT ", "RIGHT ", "FULL "])}JOIN u USING (a)", ["a", "t.a", "u.a", "b", "c", "d", "e", "f"]);
            case 3:
                return ($"t {Pick(["", "LEFT ", "RIGHT ", "FULL "])}JOIN u ON t.{Pick(["a", "b"])} = u.{Pick(["e", "f"])}", ["t.a", "u.a", "b", "c", "d", "e", "f"]);
            case 4:
                return ($"t {Pick(["SEMI", "ANTI"])} JOIN u ON t.{Pick(["a", "b"])} = u.{Pick(["e", "f"])}", ["t.a", "b", "c", "d"]);
            case 5:
                var lateral = Name();
                return (
                    $"t, LATERAL (SELECT t.{Pick(["b", "c"])} + {Pick(["e", "f"])} AS {lateral} FROM u WHERE u.a = t.{Pick(["a", "d"])})",
                    ["t.a", "b", "c", "d", lateral]);
            default:
                var (inner, columns) = Query(depth - 1);
                var alias = Name();
                return ($"({inner}) AS {alias}", [.. columns.Select(column => $"{alias}.{column}")]);
        }
    }

    private string Where(IReadOnlyList<string> scope, int depth) => random.Next(2) == 0 ? $" WHERE {Condition(scope, depth)}" : "";

    private string Condition(IReadOnlyList<string> scope, int depth) => random.Next(depth == 0 ? 4 : 6) switch
    {
        0 => $"{Pick(scope)} > {random.Next(3)}",
        1 => $"{Pick(scope)} IS NOT NULL",
        2 => $"({Pick(scope)} = {Pick(scope)} OR {Pick(scope)} < 2)",
        3 => $"{Pick(scope)} BETWEEN 0 AND {random.Next(4)}",
        4 => $"EXISTS (SELECT 1 FROM u v WHERE v.{Pick(["a", "e"])} = {Pick(scope)} AND v.f > {random.Next(3)})",
        _ => $"{Pick(scope)} IN (SELECT v.{Pick(["a", "f"])} FROM u v WHERE v.e < {random.Next(1, 4)})",
    };

    private string Value(IReadOnlyList<string> scope, int depth) => random.Next(depth == 0 ? 8 : 10) switch
    {
        0 or 1 => Pick(scope),
        2 => $"{Pick(scope)} + {Pick(scope)}",
        3 => $"CASE WHEN {Condition(scope, 0)} THEN {Pick(scope)} ELSE {random.Next(3)} END",
        4 => $"coalesce({Pick(scope)}, {Pick(scope)})",
        5 => $"nullif({Pick(scope)}, {Pick(scope)})",
        6 => $"greatest({Pick(scope)}, {random.Next(3)})",
        7 => $"list_reduce(list_transform([{Pick(scope)}, 1], lambda x: x + {Pick(scope)}), lambda x, y: x + y)",
        8 => $"(SELECT max(v.{Pick(["e", "f"])}) FROM u v WHERE v.a = {Pick(scope)})",
        _ => $"CAST({Condition(scope, depth)} AS INTEGER)",
    };

    private string Pick(IReadOnlyList<string> from) => from[random.Next(from.Count)];

    private string Name() => "n" + (++_names).ToString(CultureInfo.InvariantCulture);
}
