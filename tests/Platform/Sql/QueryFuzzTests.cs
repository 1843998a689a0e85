using System.Text.RegularExpressions;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DuckDB.NET.Data;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Sql;

/// <summary>Random and mutated SQL against the walk: it never fails in a way of its own, and what it lets through reads nothing but the tables it told of,
/// as the engine's own plan and a second reading of the text have it.</summary>
public sealed partial class QueryFuzzTests
{
    private static readonly string[] Seeds =
    [
        "SELECT id, name FROM orders WHERE id < 3 ORDER BY name LIMIT 2", "WITH a AS (SELECT * FROM orders) SELECT * FROM a, people",
        "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT * FROM r", "SELECT count(*) FROM orders JOIN people USING (id)",
        "SELECT (SELECT max(id) FROM people) FROM orders", "SELECT * FROM read_text('/etc/passwd')", "SELECT getenv('HOME') FROM orders", "FROM duckdb_views",
        "WITH RECURSIVE duckdb_views AS (SELECT sql FROM duckdb_views UNION ALL SELECT sql FROM duckdb_views) SELECT * FROM duckdb_views",
        "SELECT list_transform([1, 2], lambda x: x + id) FROM orders", "SELECT * FROM range(3) t(i), LATERAL (SELECT i) u", "SELECT current_setting('threads')",
        "SELECT * FROM orders UNION SELECT * FROM people EXCEPT SELECT 1, 'x'", "SELECT sum(id) OVER (PARTITION BY name) FROM orders QUALIFY true",
        "VALUES (1, 'a'), (2, 'b')", "SELECT CASE WHEN id IN (SELECT id FROM people) THEN 1 ELSE 2 END FROM orders", "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM information_schema.tables", "SELECT * FROM pragma_database_list", "SELECT * FROM 'x.csv'", "SELECT * FROM glob('*')", "SELECT * FROM sqlite_master",
    ];

    private static readonly string[] Tokens =
    [
        "SELECT", "FROM", "WHERE", "WITH", "RECURSIVE", "AS", "(", ")", ",", ";", "*", "UNION", "ALL", "JOIN", "LATERAL", "IN", "EXISTS", "ORDER", "BY", "LIMIT", "1", "'x'", "\"id\"", "id", "name",
        "orders", "people", "a", "duckdb_views", "sqlite_master", "pragma_database_list", "duckdb_settings()", "read_text('/etc/passwd')", "getenv('HOME')", "current_setting('threads')",
        "version()", "main.", "pg_catalog.", "memory.main.", "pg_tables", "information_schema.", "query_table('orders')", "--", "/*", "*/", "$$", "$1", "::", "[", "]", "{", "}", "lambda x:",
        "AT (VERSION => 1)", "PIVOT", "SHOW", "DESCRIBE", "COLUMNS(*)", "\u017f", "\u212a", "\ud83d", "\0", "ä", "\n",
    ];

    /// <summary>Views of the engine, as plans show them, and what reads files.</summary>
    [GeneratedRegex("DUCKDB_|PRAGMA_|READ_|GLOB|SQLITE|QUERY_TABLE|TEST_|PARQUET|SNIFF|COLUMN_DATA_SCAN_LOG", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ForbiddenScan();

    [GeneratedRegex("^(duckdb|pragma|sqlite|pg)_", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EngineView();

    /// <summary>Functions wherever they stand in a tree, looked for in its text.</summary>
    [GeneratedRegex("\"function_name\":\"(?<name>[^\"]*)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Call();

    /// <summary>Tables, and the names that WITH gives.</summary>
    [GeneratedRegex("\"table_name\":\"(?<table>[^\"]+)\"|\"key\":\"(?<name>[^\"]+)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();

    [Fact]
    public void Nothing_unknown_gets_through()
    {
        using var engine = Open("CREATE TABLE orders (id BIGINT, name VARCHAR)", "CREATE TABLE people (id BIGINT, name VARCHAR)");
        var forbidden = Functions(engine).Where(name => !OpenFunctions.Allows(name) && !OpenFunctions.AllowsTable(name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Contains("read_text", forbidden);
        var accepted = 0;
        var edit =
            from at in Gen.Choose(0, 1000)
            from cut in Gen.Choose(0, 12)
            from token in Gen.Elements(Tokens)
            select (at, cut, token);
        var cases =
            from seed in Gen.Elements(Seeds)
            from other in Gen.Elements(Seeds)
            from glue in Gen.Elements("", " UNION ALL ", ", ", " (", ") ", " WHERE EXISTS (", "; ")
            from whole in Gen.Choose(0, 3)
            from edits in edit.ListOf(3)
            select edits.Take(whole).Aggregate(glue.Length == 0 ? seed : seed + glue + other, Apply);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(3000),
            Prop.ForAll(cases.ToArbitrary(), sql =>
            {
                if (Read(engine, sql, out var tree) is not { } open)
                    return true;
                accepted++;
                tree = Regex.Replace(tree, ":\\s+\"", ":\"", RegexOptions.None, TimeSpan.FromSeconds(5));
                Assert.DoesNotContain(Call().Matches(tree).Select(call => call.Groups["name"].Value), forbidden.Contains);
                var names = Named().Matches(tree);
                var expressions = names.Select(name => name.Groups["name"].Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
                Assert.DoesNotContain(
                    names.Select(name => name.Groups["table"].Value).Where(table => table.Length > 0 && tree.Contains("BASE_TABLE", StringComparison.Ordinal)),
                    table => EngineView().IsMatch(table) && !open.Tables.ContainsKey(table.ToLowerInvariant()) && !expressions.Contains(table));
                Assert.DoesNotContain(expressions, EngineView().IsMatch);
                if (open.Tables.Keys.All(table => table is "orders" or "people"))
                    Assert.True(Plan(engine, open.Text) is not { } plan || !ForbiddenScan().IsMatch(plan), $"the plan reads what it may not: {sql}");
                return true;
            }));
        Assert.True(accepted > 100, $"only {accepted} were let through, which proves little");
    }

    private static string Apply(string sql, (int At, int Cut, string Token) edit)
    {
        var at = edit.At % (sql.Length + 1);
        return sql[..at] + (edit.Cut % 3 == 0 ? $" {edit.Token} " : edit.Token) + sql[Math.Min(sql.Length, at + edit.Cut)..];
    }

    /// <returns>Null when it is refused, as is due.</returns>
    private static OpenQuery? Read(DuckDBConnection engine, string sql, out string tree)
    {
        tree = "";
        try
        {
            List<string> trees = [.. OpenQueryReader.Statements(sql).Select(statement => (string)Scalar(engine, "SELECT json_serialize_sql(CAST($1 AS VARCHAR))", statement)!)];
            tree = trees[0];
            return OpenQueryReader.Read(sql, trees);
        }
        catch (TerminalException failure) when (failure.Kind == FailureKind.Invalid)
        {
            return null;
        }
        catch (DuckDBException)
        {
            // The worker's to tell.
            return null;
        }
    }

    private static string? Plan(DuckDBConnection engine, string sql)
    {
        try
        {
            using var command = engine.CreateCommand();
            command.CommandText = "EXPLAIN (FORMAT json) " + sql;
            if (sql.Contains("$1", StringComparison.Ordinal))
                command.Parameters.Add(new DuckDBParameter("1", 1));
            using var reader = command.ExecuteReader();
            return reader.Read() ? Regex.Replace(reader.GetString(1), "\"extra_info\":\\s*\\{[^{}]*\\}", "", RegexOptions.None, TimeSpan.FromSeconds(5)) : null;
        }
        catch (Exception exception) when (exception is DuckDBException or InvalidOperationException)
        {
            return null;
        }
    }

    private static List<string> Functions(DuckDBConnection engine)
    {
        using var command = engine.CreateCommand();
        command.CommandText = "SELECT DISTINCT function_name FROM duckdb_functions()";
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
            names.Add(reader.GetString(0));
        return names;
    }

    private static object? Scalar(DuckDBConnection engine, string sql, string parameter)
    {
        using var command = engine.CreateCommand();
        command.CommandText = sql;
        command.Parameters.Add(new DuckDBParameter(parameter));
        return command.ExecuteScalar();
    }

    private static DuckDBConnection Open(params string[] statements)
    {
        var engine = new DuckDBConnection("DataSource=:memory:");
        engine.Open();
        foreach (var statement in (string[])[.. statements, "SET enable_external_access = false"])
        {
            using var command = engine.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }

        return engine;
    }
}
