using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPlatform.Failures;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Sql;

/// <summary>
/// Reads SQL from outside without running it: the engine parses, we walk the tree. Only SELECTs over named tables pass: no file,
/// no other database, no parameter, and no table function but those that make rows from nothing or unnest values.
/// </summary>
public sealed partial class SqlInspector([FromKeyedServices(SqlEngine.Serving)] SqlEngine engine)
{
    /// <summary>Code of what this class reports.</summary>
    public const string ErrorCode = "InvalidSql";

    private const int MaxLength = 100_000;
    private const string BeforeExpression = "SELECT (\n";

    /// <summary>Of the syntax tree; the engine itself stops at 1,000 expressions in one another.</summary>
    private const int MaxDepth = 2_000;

    private static readonly HashSet<string> TableFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "range", "generate_series", "unnest", "json_each", "json_tree", "regexp_split_to_table", "string_split_to_table", "repeat",
    };

    private static readonly HashSet<string> NoTableFunctions = [];

    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = MaxDepth };

    /// <summary>Queries kept, and the longest that is: a run inspects its steps' SQL again, which takes several sessions of the engine.</summary>
    private const int MostKept = 256;
    private const int LongestKept = 16_000;

    private readonly ConcurrentDictionary<string, InspectedQuery> _kept = new(StringComparer.Ordinal);
    private IReadOnlySet<string>? _aggregates;

    /// <summary>Inspects a query.</summary>
    /// <param name="target">The place of the SQL in its document, for errors.</param>
    /// <exception cref="TerminalException"><see cref="ErrorCode"/>: says what and where (line, column).</exception>
    public Task<InspectedQuery> InspectAsync(string sql, string target, CancellationToken cancellationToken) =>
        InspectAsync(sql, target, parameters: null, cancellationToken);

    /// <param name="parameters">Names that can be used as <c>$name</c>; null when there can be none.</param>
    /// <inheritdoc cref="InspectAsync(string, string, CancellationToken)"/>
    public async Task<InspectedQuery> InspectAsync(
        string sql, string target, IReadOnlyCollection<string>? parameters, CancellationToken cancellationToken)
    {
        // What a query is hangs on nothing but its text and the names it may use. NUL parts them: no query that is accepted holds one.
        var key = $"{(parameters is null ? "-" : string.Join(' ', parameters.Order(StringComparer.Ordinal)))}\0{sql}";
        if (_kept.TryGetValue(key, out var known))
            return known;

        var query = await ReadAsync(sql, target, parameters, cancellationToken);
        if (sql.Length <= LongestKept)
        {
            if (_kept.Count >= MostKept)
                _kept.Clear();
            _kept[key] = query;
        }

        return query;
    }

    private async Task<InspectedQuery> ReadAsync(
        string sql, string target, IReadOnlyCollection<string>? parameters, CancellationToken cancellationToken)
    {
        using var tree = await ParseAsync(sql, sql, shift: 0, target, cancellationToken);
        var node = tree.RootElement.GetProperty("statements")[0].GetProperty("node");
        var aggregates = await AggregatesAsync(cancellationToken);
        var text = sql.TrimEnd().TrimEnd(';');
        await EnsureEmbeddableAsync(text, target, cancellationToken);
        var query = new QueryWalk(sql, target, TableFunctions, aggregates, declared: parameters).Walk(node, text);
        return InnerJoins.Find(node) is { } joins ? query with { Unmatched = await CountAsync(joins, cancellationToken) } : query;
    }

    /// <summary>Lets the engine write the conditions, which it has parsed, as SQL again.</summary>
    private async Task<string> CountAsync(InnerJoins joins, CancellationToken cancellationToken)
    {
        const string select = "SELECT ";
        await using var session = await engine.OpenAsync(cancellationToken);
        var frame = await session.ReadAsync($"SELECT json_serialize_sql('{select}true')", [], reader => reader.GetString(0), cancellationToken);
        List<string> conditions = [];
        foreach (var condition in joins.Conditions)
        {
            var tree = JsonNode.Parse(frame[0])!;
            tree["statements"]![0]!["node"]!["select_list"] = new JsonArray(JsonNode.Parse(condition.GetRawText(), documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth }));
            var text = await session.ReadAsync(
                "SELECT json_deserialize_sql(CAST($1 AS JSON))", [tree.ToJsonString(Deep)], reader => reader.GetString(0), cancellationToken);
            conditions.Add(text[0][select.Length..]);
        }

        return joins.Count(conditions);
    }

    /// <summary>Looks whether a query that was inspected can run in partitions of the columns given.</summary>
    /// <param name="target">The place of the SQL in its document, for errors.</param>
    /// <exception cref="TerminalException"><see cref="ErrorCode"/>: says what and where (line, column).</exception>
    public async Task<SplitQuery> InspectSplitAsync(string sql, IReadOnlyList<string> columns, string target, CancellationToken cancellationToken)
    {
        using var tree = await ParseAsync(sql, sql, shift: 0, target, cancellationToken);
        _aggregates ??= await ReadAggregatesAsync(cancellationToken);
        return new SplitCheck(sql, columns, _aggregates).Check(tree.RootElement.GetProperty("statements")[0].GetProperty("node"));
    }

    /// <summary>Checks that a text is one boolean or other expression over columns, computed from one row at a time, without a table of
    /// its own.</summary>
    /// <exception cref="TerminalException"><see cref="ErrorCode"/>.</exception>
    public Task InspectExpressionAsync(string expression, string target, CancellationToken cancellationToken) =>
        InspectExpressionAsync(expression, aggregate: false, parameters: null, target, cancellationToken);

    /// <param name="parameters">Names that can be used as <c>$name</c>.</param>
    /// <returns>Those that it uses.</returns>
    /// <inheritdoc cref="InspectExpressionAsync(string, string, CancellationToken)"/>
    public Task<IReadOnlySet<string>> InspectExpressionAsync(
        string expression, IReadOnlyCollection<string> parameters, string target, CancellationToken cancellationToken) =>
        InspectExpressionAsync(expression, aggregate: false, parameters, target, cancellationToken);

    /// <summary>Checks that a text is one expression over columns and their aggregates, which has one value for all rows, without a table of its own.</summary>
    /// <exception cref="TerminalException"><see cref="ErrorCode"/>.</exception>
    /// <inheritdoc cref="InspectExpressionAsync(string, IReadOnlyCollection{string}, string, CancellationToken)"/>
    public Task<IReadOnlySet<string>> InspectAggregateAsync(
        string expression, IReadOnlyCollection<string> parameters, string target, CancellationToken cancellationToken) =>
        InspectExpressionAsync(expression, aggregate: true, parameters, target, cancellationToken);

    private async Task<IReadOnlySet<string>> InspectExpressionAsync(
        string expression, bool aggregate, IReadOnlyCollection<string>? parameters, string target, CancellationToken cancellationToken)
    {
        using var tree = await ParseOneAsync(expression, target, cancellationToken);
        var node = tree.RootElement.GetProperty("statements")[0].GetProperty("node");
        var walk = new QueryWalk(expression, target, TableFunctions, await AggregatesAsync(cancellationToken), shift: BeforeExpression.Length, declared: parameters);
        var query = walk.Walk(node, expression);
        if (query.Tables.Count > 0)
            throw Error($"it reads the table '{query.Tables[0]}': only the step's own columns can be used", target);
        var spreads = walk.Spreads(node.GetProperty("select_list"));
        if (aggregate && spreads is null)
            throw Error("it must be computed from all rows together, such as count(*) > 100, and it has no aggregate", target);
        if (!aggregate && spreads is { } function)
            throw Error($"it must be computed from one row at a time, and '{function}' is an aggregate or window function", target);
        return walk.Parameters;
    }

    /// <summary>Checks an expression over the columns of one row as strictly as a caller's query: what is not known to be harmless is refused, and so is
    /// what would give another value when it is computed again.</summary>
    /// <param name="columns">Those that it may name.</param>
    /// <exception cref="TerminalException"><see cref="ErrorCode"/>: says what and where (line, column).</exception>
    public async Task<ParsedExpression> InspectRowExpressionAsync(
        string expression, IEnumerable<string> columns, string target, CancellationToken cancellationToken)
    {
        using var tree = await ParseOneAsync(expression, target, cancellationToken);
        var node = tree.RootElement.GetProperty("statements")[0].GetProperty("node");
        var walk = new QueryWalk(expression, target, NoTableFunctions, await AggregatesAsync(cancellationToken), open: true, BeforeExpression.Length);
        walk.Walk(node, expression);
        if (walk.Places.Count > 0)
            throw Error($"it reads the table '{walk.Places.First().Key}': only the columns of the row itself can be used", target);
        if (walk.Parameters.Count > 0)
            throw Error("parameters cannot be used here: write the value itself", target);
        var item = node.GetProperty("select_list")[0];
        if (walk.Spreads(item) is { } function)
            throw Error($"it must be computed from one row, and '{function}' is an aggregate or window function", target);
        if (RowExpression.FindFault(item, columns) is { } fault)
            throw walk.Fault(fault.Node, fault.Message);
        return new ParsedExpression(expression, item.Clone(), BeforeExpression.Length);
    }

    /// <summary>Parses a text that must be one expression without a table of its own. What it names and calls is not looked at.</summary>
    /// <exception cref="TerminalException"><see cref="ErrorCode"/>: says what and where (line, column).</exception>
    public async Task<ParsedExpression> ParseExpressionAsync(string expression, string target, CancellationToken cancellationToken)
    {
        using var tree = await ParseOneAsync(expression, target, cancellationToken);
        return new ParsedExpression(
            expression, tree.RootElement.GetProperty("statements")[0].GetProperty("node").GetProperty("select_list")[0].Clone(), BeforeExpression.Length);
    }

    /// <summary>The tree of a query, not looked at.</summary>
    internal Task<JsonDocument> ReadTreeAsync(string sql, string target, CancellationToken cancellationToken) =>
        ParseAsync(sql, sql, shift: 0, target, cancellationToken);

    /// <summary>The names of the aggregate functions, ignoring case.</summary>
    internal async Task<IReadOnlySet<string>> AggregatesAsync(CancellationToken cancellationToken) =>
        _aggregates ??= await ReadAggregatesAsync(cancellationToken);

    internal static TerminalException Error(string fault, string target) =>
        new(FailureKind.Invalid, ErrorCode, $"The SQL cannot be used: {fault}.", target);

    /// <summary>Line and column of a byte position, both from 1.</summary>
    internal static string Place(string sql, ulong bytePosition)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        if (bytePosition > (ulong)bytes.Length)
            return "";
        var before = bytes.AsSpan(0, (int)bytePosition);
        var line = before.Count((byte)'\n') + 1;
        var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return $" at line {line}, column {column}";
    }

    private async Task<JsonDocument> ParseOneAsync(string expression, string target, CancellationToken cancellationToken)
    {
        var tree = await ParseAsync(expression, $"{BeforeExpression}{expression}\n)", BeforeExpression.Length, target, cancellationToken);
        try
        {
            var node = tree.RootElement.GetProperty("statements")[0].GetProperty("node");
            var alone = node.GetProperty("type").ValueEquals("SELECT_NODE")
                && node.GetProperty("select_list").GetArrayLength() == 1
                && node.GetProperty("from_table").GetProperty("type").ValueEquals("EMPTY")
                && node.GetProperty("where_clause").ValueKind == JsonValueKind.Null
                && node.GetProperty("modifiers").GetArrayLength() == 0
                && await IsOneItemAsync(expression, target, cancellationToken);
            return alone ? tree : throw Error("it must be one expression over the columns, without FROM or WHERE of its own", target);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    /// <summary>Whether it is one item of a list: what ends our parenthesis, to go on behind it, does not parse between brackets.</summary>
    private async Task<bool> IsOneItemAsync(string expression, string target, CancellationToken cancellationToken)
    {
        try
        {
            using var tree = await ParseAsync(expression, $"SELECT [\n{expression}\n]", shift: int.MaxValue, target, cancellationToken);
            var items = tree.RootElement.GetProperty("statements")[0].GetProperty("node").GetProperty("select_list");
            return items.GetArrayLength() == 1
                && items[0].TryGetProperty("children", out var children)
                && children.GetArrayLength() == 1;
        }
        catch (TerminalException)
        {
            return false;
        }
    }

    private async Task EnsureEmbeddableAsync(string text, string target, CancellationToken cancellationToken)
    {
        try
        {
            using var tree = await ParseAsync(text, $"SELECT * FROM (\n{text}\n)", shift: int.MaxValue, target, cancellationToken);
        }
        catch (TerminalException)
        {
            throw Error("nothing may follow its closing semicolon", target);
        }
    }

    /// <param name="sql">As its author wrote it.</param>
    /// <param name="statement">What is parsed.</param>
    /// <param name="shift">Where <paramref name="sql"/> starts in <paramref name="statement"/>.</param>
    private async Task<JsonDocument> ParseAsync(
        string sql, string statement, int shift, string target, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(sql))
            throw Error("it is empty", target);
        if (sql.Length > MaxLength || sql.Contains('\0', StringComparison.Ordinal))
            throw Error($"it is longer than {MaxLength} characters or holds a NUL character", target);

        await using var session = await engine.OpenAsync(cancellationToken);
        var json = await session.ReadAsync("SELECT json_serialize_sql(CAST($1 AS VARCHAR))", [statement], reader => reader.GetString(0), cancellationToken);
        return Interpret(sql, json[0], shift, target);
    }

    /// <summary>The tree of one SELECT.</summary>
    /// <param name="json">What <c>json_serialize_sql</c> gave.</param>
    internal static JsonDocument Interpret(string sql, string json, int shift, string target)
    {
        JsonDocument tree;
        try
        {
            tree = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException)
        {
            throw Error("it is nested too deeply", target);
        }

        try
        {
            var root = tree.RootElement;
            if (root.GetProperty("error").GetBoolean())
            {
                var message = root.GetProperty("error_message").GetString();
                var place = root.TryGetProperty("position", out var position)
                    && long.TryParse(position.GetString(), out var at) && at >= shift
                        ? Place(sql, (ulong)(at - shift))
                        : "";
                throw Error(root.GetProperty("error_type").ValueEquals("parser") ? message + place : "it must be one SELECT", target);
            }

            if (root.GetProperty("statements").GetArrayLength() != 1)
                throw Error("it must be exactly one SELECT", target);
            return tree;
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    /// <summary>The aggregate functions, and the macros made of them.</summary>
    private async Task<IReadOnlySet<string>> ReadAggregatesAsync(CancellationToken cancellationToken)
    {
        await using var session = await engine.OpenAsync(cancellationToken);
        var functions = await session.ReadAsync(
            "SELECT DISTINCT function_name, coalesce(macro_definition, '') FROM duckdb_functions() WHERE function_type IN ('aggregate', 'macro')",
            [],
            reader => (Name: reader.GetString(0), Macro: reader.GetString(1)),
            cancellationToken);
        var names = functions.Where(function => function.Macro.Length == 0).Select(function => function.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        int before;
        do
        {
            // Again, since a macro may be made of another one.
            before = names.Count;
            names.UnionWith(functions
                .Where(function => Calls().Matches(function.Macro).Any(call => names.Contains(call.Groups["name"].Value)))
                .Select(function => function.Name)
                .ToList());
        }
        while (names.Count > before);

        return names;
    }

    [GeneratedRegex("(?<name>[A-Za-z_][A-Za-z0-9_]*)\"?\\(", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Calls();
}
