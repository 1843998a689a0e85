using DataPlatform.Failures;

namespace DataPlatform.Platform.Tests.Sql;

public sealed class SqlInspectorTests(SqlInspectorTests.Bed bed) : IClassFixture<SqlInspectorTests.Bed>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_is_parsed_once_for_each_set_of_parameters()
    {
        const string sql = "SELECT * FROM t WHERE day >= $since";
        var inspected = await bed.Sql.Inspector.InspectAsync(sql, "$.a", ["since"], Token);
        Assert.Same(inspected, await bed.Sql.Inspector.InspectAsync(sql, "$.b", ["since"], Token));
        Assert.NotSame(inspected, await bed.Sql.Inspector.InspectAsync(sql, "$.a", ["since", "other"], Token));
        Assert.NotSame(inspected, await bed.Sql.Inspector.InspectAsync(sql + " ", "$.a", ["since"], Token));
    }

    [Fact]
    public async Task A_parameter_that_one_document_declares_is_unknown_in_another()
    {
        const string sql = "SELECT * FROM t WHERE day >= $until";
        await bed.Sql.Inspector.InspectAsync(sql, "$.a", ["until"], Token);
        var undeclared = await Assert.ThrowsAsync<TerminalException>(() => bed.Sql.Inspector.InspectAsync(sql, "$.b", [], Token));
        Assert.Equal("$.b", undeclared.Target);
        var forbidden = await Assert.ThrowsAsync<TerminalException>(() => bed.Sql.Inspector.InspectAsync(sql, "$.c", Token));
        Assert.Equal("$.c", forbidden.Target);
    }

    [Theory]
    [InlineData("SELECT f.*, a.state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin", "new.flights airports")]
    [InlineData("WITH c AS (SELECT * FROM new.flights), d AS (SELECT * FROM c) SELECT * FROM d WHERE x IN (SELECT y FROM other)", "new.flights other")]
    [InlineData("WITH flights AS (SELECT * FROM flights) SELECT * FROM flights", "flights")]
    [InlineData("WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t WHERE x < 5) SELECT * FROM t", "")]
    [InlineData("SELECT * FROM range(3) r, unnest([1, 2]) u", "")]
    [InlineData("FROM Sales -- a remark;", "sales")]
    [InlineData("SELECT (WITH c AS (SELECT 1) SELECT * FROM c), * FROM c;", "c")]
    public async Task Tables_are_found_wherever_they_stand(string sql, string tables) =>
        Assert.Equal(tables, string.Join(' ', (await bed.Sql.Inspector.InspectAsync(sql, "$.sql", Token)).Tables));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("SELECT 1; SELECT 2", "exactly one SELECT")]
    [InlineData("DROP TABLE x", "must be one SELECT")]
    [InlineData("COPY (SELECT 1) TO '/tmp/x'", "must be one SELECT")]
    [InlineData("SELECT 1 FRO\nM x y z(", "line 2, column 1")]
    [InlineData("SELECT *\nFROM read_text('/etc/passwd')", "'read_text' is not allowed at line 2, column 6")]
    [InlineData("SELECT * FROM enable_logging(storage => 'file')", "'enable_logging' is not allowed")]
    [InlineData("SELECT * FROM glob('*')", "'glob' is not allowed")]
    [InlineData("SELECT * FROM other.main.t", "without a database")]
    [InlineData("SELECT current_setting('temp_directory') AS x", "'current_setting' is not allowed at line 1, column 8")]
    [InlineData("SELECT * FROM t WHERE x = (SELECT main.PG_Sleep(5))", "is not allowed")]
    [InlineData("SELECT write_log('x')", "'write_log' is not allowed")]
    [InlineData("WITH t AS (INSERT INTO x VALUES (1) RETURNING *) SELECT * FROM t", "needs a SELECT")]
    [InlineData("SELECT * FROM query('SELECT 1')", "'query' is not allowed")]
    [InlineData("SELECT * FROM (SUMMARIZE t)", "must be a SELECT")]
    [InlineData("PRAGMA version", "must be one SELECT")]
    [InlineData("ATTACH '/tmp/x.db'", "must be one SELECT")]
    [InlineData("SELECT * FROM information_schema.tables", "schema that does not exist")]
    [InlineData("SELECT * FROM t WHERE a = $1", "parameters")]
    [InlineData("DESCRIBE t", "must be a SELECT")]
    [InlineData("SELECT * FROM t AT (VERSION => 3)", "pin the versions")]
    public async Task What_is_not_a_plain_query_is_refused_with_its_place(string sql, string message)
    {
        var error = await Assert.ThrowsAsync<TerminalException>(() => bed.Sql.Inspector.InspectAsync(sql, "$.steps[0].sql", Token));

        Assert.Equal("InvalidSql", error.Code);
        Assert.Equal("$.steps[0].sql", error.Target);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT f.*, a.state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin WHERE delay > 0", null)]
    [InlineData("SELECT *, (SELECT max(o.x) FROM other o) AS m FROM airports a JOIN new.flights f ON a.iata = f.origin", null)]
    [InlineData("SELECT (SELECT sum(f.delay)) AS m FROM new.flights f", "'sum' at line 1, column 16 in a subquery")]
    [InlineData("SELECT (SELECT max(x) FROM other) AS m FROM new.flights f", "'max' at line 1, column 16 in a subquery")]
    [InlineData("SELECT count(*) AS n FROM new.flights", "count_star")]
    [InlineData("SELECT origin FROM new.flights GROUP BY origin", "GROUP BY")]
    [InlineData("SELECT DISTINCT origin FROM new.flights", "DISTINCT")]
    [InlineData("SELECT * FROM new.flights LIMIT 5", "LIMIT")]
    [InlineData("SELECT row_number() OVER () AS n FROM new.flights", "row_number")]
    [InlineData("SELECT geometric_mean(delay) AS n FROM new.flights", "geometric_mean")]
    [InlineData("SELECT wavg(delay, distance) AS n FROM new.flights", "wavg")]
    [InlineData("SELECT list_sum([delay, 1]) AS n, nullif(origin, 'A') AS origin FROM new.flights", null)]
    [InlineData("SELECT * FROM new.flights POSITIONAL JOIN airports", "outermost")]
    [InlineData("SELECT f.* FROM airports a ASOF JOIN new.flights f ON a.t >= f.t", "outermost")]
    [InlineData("SELECT f.* FROM new.flights f ASOF LEFT JOIN airports a ON a.t >= f.t", null)]
    [InlineData("SELECT f.* FROM airports a LEFT JOIN new.flights f ON a.iata = f.origin", "filled up")]
    [InlineData("SELECT * FROM (SELECT DISTINCT * FROM new.flights)", "outermost")]
    [InlineData("SELECT * FROM flights", "exactly one new. source")]
    [InlineData("SELECT * FROM new.a UNION ALL SELECT * FROM new.b", "exactly one new. source")]
    public async Task Queries_that_look_at_more_than_a_row_are_told_apart(string sql, string? reason)
    {
        var query = await bed.Sql.Inspector.InspectAsync(sql, "$.sql", Token);

        if (reason is null)
            Assert.Null(query.NotRowWise);
        else
            Assert.Contains(reason, query.NotRowWise, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_sources_are_listed_by_branch_of_the_outermost_union()
    {
        var union = await bed.Sql.Inspector.InspectAsync("SELECT * FROM new.a UNION ALL SELECT * FROM new.b UNION ALL SELECT 1", "$", Token);
        var join = await bed.Sql.Inspector.InspectAsync("SELECT * FROM new.a x JOIN new.a y USING (id)", "$", Token);

        Assert.Equal([["a"], ["b"], []], union.NewSources);
        Assert.Equal([["a", "a"]], join.NewSources);
    }

    [Fact]
    public async Task Nesting_without_end_is_refused_and_no_fault()
    {
        foreach (var depth in new[] { 450, 600, 3000 })
        {
            var sql = string.Concat(Enumerable.Repeat("SELECT * FROM (", depth)) + "SELECT 1 AS n" + new string(')', depth);
            var inspect = () => bed.Sql.Inspector.InspectAsync(sql, "$", Token);
            if (depth > 500)
                await Assert.ThrowsAsync<TerminalException>(inspect);
            else
                await inspect();
        }
    }

    [Theory]
    [InlineData("state IS NOT NULL", null)]
    [InlineData("delay BETWEEN -1440 AND 2880 -- minutes", null)]
    [InlineData("1) FROM x WHERE (true", "one expression")]
    [InlineData("1), (2", "one expression")]
    [InlineData("a, b", "one expression")]
    [InlineData("a) GROUP BY (b", "one expression")]
    [InlineData("a) HAVING (b", "one expression")]
    [InlineData("a) QUALIFY (b", "one expression")]
    [InlineData("a) USING SAMPLE (1", "one expression")]
    [InlineData("a) WINDOW w AS (", "one expression")]
    [InlineData("a) OR (b", "one expression")]
    [InlineData("a] || [b", "syntax error")]
    [InlineData("x IN (1, 2) AND y[1] = 'it''s'", null)]
    [InlineData("CASE WHEN a THEN b END", null)]
    [InlineData("count(*) > 1", "one row at a time")]
    [InlineData("row_number() OVER () = 1", "one row at a time")]
    [InlineData("getenv('HOME') = ''", "not allowed")]
    [InlineData("delay > (SELECT avg(delay) FROM flights)", "only the step's own columns")]
    [InlineData("delay >", "syntax error")]
    public async Task An_expression_stands_for_itself(string expression, string? message)
    {
        var inspect = () => bed.Sql.Inspector.InspectExpressionAsync(expression, "$.condition", Token);
        if (message is null)
            await inspect();
        else
            Assert.Contains(message, (await Assert.ThrowsAsync<TerminalException>(inspect)).Message, StringComparison.Ordinal);
    }

    public sealed class Bed : IAsyncLifetime
    {
        public SqlBed Sql { get; } = new();

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => Sql.DisposeAsync();
    }
}
