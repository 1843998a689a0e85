using DataPlatform.Failures;

namespace DataPlatform.Sql;

/// <summary>
/// Reads a caller's query by its syntax tree, and lets through what is known: every kind of node, every function and every table must be one of
/// ours. What is new or unknown to us is refused.
/// </summary>
public static class OpenQueryReader
{
    /// <summary>Code of what this class reports.</summary>
    public const string ErrorCode = SqlInspector.ErrorCode;

    /// <summary>The place of the SQL in the request.</summary>
    public const string Target = "sql";

    private const int MaxLength = 100_000;

    private static readonly HashSet<string> NoTableFunctions = [];

    /// <summary>What the engine must parse, in this order, for <see cref="Read"/>.</summary>
    /// <exception cref="TerminalException"><see cref="ErrorCode"/>: it is empty or too long.</exception>
    public static IReadOnlyList<string> Statements(string sql)
    {
        if (string.IsNullOrWhiteSpace(sql))
            throw SqlInspector.Error("it is empty", Target);
        if (sql.Length > MaxLength || sql.Contains('\0', StringComparison.Ordinal))
            throw SqlInspector.Error($"it is longer than {MaxLength} characters or holds a NUL character", Target);
        return [sql, $"SELECT * FROM (\n{TextOf(sql)}\n)"];
    }

    /// <param name="trees">What <c>json_serialize_sql</c> gave for each of <see cref="Statements"/>.</param>
    /// <exception cref="TerminalException"><see cref="ErrorCode"/>: says what and where (line, column).</exception>
    public static OpenQuery Read(string sql, IReadOnlyList<string> trees)
    {
        using var tree = SqlInspector.Interpret(sql, trees[0], shift: 0, Target);
        var walk = new QueryWalk(sql, Target, NoTableFunctions, aggregates: NoTableFunctions, open: true);
        walk.Walk(tree.RootElement.GetProperty("statements")[0].GetProperty("node"), sql);
        try
        {
            SqlInspector.Interpret(sql, trees[1], shift: int.MaxValue, Target).Dispose();
        }
        catch (TerminalException)
        {
            throw SqlInspector.Error("nothing may follow its closing semicolon", Target);
        }

        return new OpenQuery(TextOf(sql), walk.Places, walk.Parameters);
    }

    private static string TextOf(string sql) => sql.TrimEnd().TrimEnd(';');
}
