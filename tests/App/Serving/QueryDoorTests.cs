using System.Globalization;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Serving;
using DataPlatform.Serving.Warehouse;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.App.Tests.Serving;

/// <summary>Who reads what by SQL, how it ends, and the walls around the process that runs it.</summary>
public sealed class QueryDoorTests(QueryBed bed) : IClassFixture<QueryBed>
{
    private const string Endless = "SELECT count(*) FROM range(100000000) a, range(100000000) b";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_key_may_not_read_is_not_there()
    {
        Assert.Equal("""{"value":[{"n":4}]}""", QueryBed.Text(await bed.AskAsync("""{"sql": "SELECT count(*) AS n FROM orders"}""", "read:dataset/orders")));
        foreach (var sql in (string[])[
            "SELECT * FROM salaries", "SELECT * FROM orders WHERE id IN (SELECT id FROM salaries)", "WITH orders AS (SELECT * FROM salaries) SELECT * FROM orders",
            "SELECT (SELECT max(name) FROM salaries)", "SELECT * FROM orders UNION ALL SELECT * FROM Salaries", "SELECT * FROM salarie"])
        {
            var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.AskAsync(JsonSerializer.Serialize(new { sql }), "read:dataset/orders"));
            Assert.Equal("TableNotFound", failure.Code);
            Assert.DoesNotContain("mean 'salaries'", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Versions_that_are_named_are_read()
    {
        var newest = await bed.AskAsync("""{"sql": "SELECT count(*) AS n FROM orders"}""");
        var version = long.Parse(newest.Response.Headers["Data-Versions"].ToString()["orders=".Length..], CultureInfo.InvariantCulture);
        Assert.Equal("""{"value":[{"n":4}]}""", QueryBed.Text(newest));

        var before = await bed.AskAsync(JsonSerializer.Serialize(new { sql = "SELECT count(*) AS n FROM orders", versions = new Dictionary<string, long> { ["Orders"] = version - 1 } }));
        Assert.Equal(("""{"value":[{"n":2}]}""", $"orders={version - 1}"), (QueryBed.Text(before), before.Response.Headers["Data-Versions"].ToString()));

        Assert.Equal("TableVersionNotFound", (await Assert.ThrowsAsync<TerminalException>(() => bed.AskAsync("""{"sql": "SELECT 1 FROM orders", "versions": {"orders": 999}}"""))).Code);
        Assert.Equal("InvalidSql", (await Assert.ThrowsAsync<TerminalException>(() => bed.AskAsync("""{"sql": "SELECT 1 FROM orders", "versions": {"salaries": 0}}"""))).Code);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_the_worker()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using var services = bed.Create(workers: 1, queue: 0);
        var workers = services.GetRequiredService<QueryWorkers>();
        await workers.ParseAsync(["SELECT 1"], Token);
        using var caller = new CancellationTokenSource();
        var before = Children();
        var asking = workers.RunAsync(Work("SELECT i FROM range(1000000000) r(i)"), _ => caller.CancelAsync(), caller.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        // One of those that were there is gone, and the next query finds another.
        Assert.Contains(before, process => !Children().Contains(process));
        await workers.ParseAsync(["SELECT 1"], Token);
    }

    [Fact]
    public async Task A_request_that_is_aborted_gives_its_turn_back()
    {
        using var aborted = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bed.AskAsync(JsonSerializer.Serialize(new { sql = Endless }), aborted.Token));
        Assert.Equal("""{"value":[{"n":1}]}""", QueryBed.Text(await bed.AskAsync("""{"sql": "SELECT 1 AS n"}""")));
    }

    [Fact]
    public async Task Who_finds_the_line_full_is_told_when_to_come_again()
    {
        await using var services = bed.Create(workers: 1, queue: 1);
        var workers = services.GetRequiredService<QueryWorkers>();
        using var first = new CancellationTokenSource();
        var running = workers.RunAsync(Work(Endless), _ => Task.CompletedTask, first.Token);
        var waiting = workers.ParseAsync(["SELECT 1"], Token);

        var refused = await Assert.ThrowsAsync<TransientException>(() => workers.ParseAsync(["SELECT 2"], Token));

        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.False(waiting.IsCompleted);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Single(await waiting);
        Assert.Single(await workers.ParseAsync(["SELECT 2"], Token));
    }

    [Theory]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM glob('/etc/*')")]
    [InlineData("SELECT * FROM read_blob('/proc/self/environ')")]
    [InlineData("SELECT * FROM read_parquet('https://example.com/x.parquet')")]
    public async Task Without_the_walk_a_worker_still_opens_nothing(string sql)
    {
        var sent = 0;
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Workers.RunAsync(Work(sql), data => Task.FromResult(sent += data.Length), Token));
        Assert.DoesNotContain("root:", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, sent);
    }

    [Fact]
    public async Task A_worker_opens_the_files_of_its_task_and_those_beside_it_not()
    {
        var (mine, other) = (Path.Combine(bed.Folder, "mine.txt"), Path.Combine(bed.Folder, "other.txt"));
        await File.WriteAllTextAsync(mine, "yes", Token);
        await File.WriteAllTextAsync(other, "no", Token);

        var text = "";
        await bed.Workers.RunAsync(Work($"SELECT content FROM read_text('{mine}')", mine), data => Task.FromResult(text += System.Text.Encoding.UTF8.GetString(data.Span)), Token);
        Assert.Equal("""{"value":[{"content":"yes"}]}""", text);
        await Assert.ThrowsAsync<TerminalException>(() => bed.Workers.RunAsync(Work($"SELECT content FROM read_text('{other}')", mine), _ => Task.CompletedTask, Token));
    }

    [Fact]
    public async Task A_worker_has_limits_of_the_kernel_and_nothing_of_our_environment()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await bed.Workers.ParseAsync(["SELECT 1"], Token);
        var worker = Children().First();
        var limits = await File.ReadAllLinesAsync($"/proc/{worker}/limits", Token);
        Assert.DoesNotContain("unlimited", limits.Single(line => line.StartsWith("Max address space", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(["0", "0"], limits.Single(line => line.StartsWith("Max core file size", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4..6]);
        var environment = await File.ReadAllTextAsync($"/proc/{worker}/environ", Token);
        Assert.DoesNotContain("HOME=", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("DataPlatform", environment, StringComparison.Ordinal);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Workers.RunAsync(Work("SELECT length(repeat('x', 3000000000))"), _ => Task.CompletedTask, Token));
        Assert.Contains(failure.Code, (string[])["SqlOutOfMemory", "QueryWorkerLost", "SqlError"]);
    }

    [Theory]
    [InlineData("WITH duckdb_views AS (SELECT 1 AS x) SELECT * FROM duckdb_views")]
    [InlineData("WITH RECURSIVE duckdb_views AS (SELECT sql FROM duckdb_views UNION ALL SELECT sql FROM duckdb_views WHERE false) SELECT * FROM duckdb_views")]
    [InlineData("WITH RECURSIVE pragma_database_list AS (SELECT name FROM pragma_database_list UNION SELECT 'x') SELECT * FROM pragma_database_list")]
    [InlineData("SELECT * FROM (WITH sqlite_master AS (SELECT 1) SELECT 1), sqlite_master")]
    [InlineData("WITH pg_tables AS MATERIALIZED (SELECT 1 AS x) SELECT * FROM pg_tables")]
    [InlineData("WITH RECURSIVE x AS (SELECT 1 AS sql UNION ALL (WITH duckdb_views AS (SELECT 2 AS sql) SELECT sql FROM duckdb_views)) SELECT * FROM x")]
    [InlineData("WITH RECURSIVE salaries AS (SELECT name FROM salaries UNION ALL SELECT name FROM salaries WHERE false) SELECT * FROM salaries")]
    [InlineData("WITH duckdb_view\u017f AS (SELECT 1 AS x) SELECT * FROM duckdb_views")]
    public async Task An_expression_of_WITH_hides_nothing(string sql)
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.AskAsync(JsonSerializer.Serialize(new { sql }), "read:dataset/orders"));
        Assert.Contains(failure.Code, (string[])["InvalidSql", "TableNotFound", "SqlError"]);
    }

    [Fact]
    public async Task A_recursive_expression_sees_itself_and_those_before_it()
    {
        const string sql = "WITH RECURSIVE o AS (SELECT min(id) AS id FROM orders), r AS (WITH s AS (SELECT id FROM o) SELECT id FROM s UNION ALL SELECT id + 1 FROM r WHERE id < 3) SELECT sum(id)::BIGINT AS n FROM r";
        Assert.Equal("""{"value":[{"n":6}]}""", QueryBed.Text(await bed.AskAsync(JsonSerializer.Serialize(new { sql }), "read:dataset/orders")));
    }

    [Theory]
    [InlineData("SELECT id,\n  nam FROM orders", "line 2, column 3")]
    [InlineData("SELECT 'äöü€😀' AS t,\n 'ä' || nam FROM orders", "line 2, column 9")]
    [InlineData("SELECT id FROM orders\nWHERE id = nix", "line 2, column 12")]
    public async Task Places_of_mistakes_are_those_their_author_sees(string sql, string place)
    {
        foreach (var explain in (bool[])[false, true])
        {
            var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.AskAsync(JsonSerializer.Serialize(new { sql, explain })));
            Assert.True(failure.Message.Contains(place, StringComparison.Ordinal), $"explain: {explain}: {failure.Message}");
        }
    }

    [Fact]
    public async Task What_fails_while_it_runs_names_no_wrong_place()
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.AskAsync(JsonSerializer.Serialize(new { sql = "SELECT id,\n CAST(name AS INTEGER) AS n FROM orders" })));
        Assert.Equal("SqlError", failure.Code);
        Assert.True(!failure.Message.Contains(" at line", StringComparison.Ordinal) || failure.Message.Contains("at line 2, column 2", StringComparison.Ordinal), failure.Message);
    }

    private static WorkerTask Work(string sql, params string[] files) =>
        new(sql, new Dictionary<string, JsonElement>(), new Dictionary<string, string>(), files, RowFormat.Json, long.MaxValue, long.MaxValue, Explain: false);

    /// <summary>The workers of this process.</summary>
    private static List<int> Children()
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var parent = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
                if (parent == Environment.ProcessId && File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(QueryWorker.Argument, StringComparison.Ordinal))
                    found.Add(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return found;
    }
}
