using DataPlatform.Failures;

namespace DataPlatform.Platform.Tests.Serving.Queries.Apply;

/// <summary>Transformations through the rows door, against straight SQL.</summary>
public sealed class ApplyTests : IAsyncLifetime
{
    private const string Facts =
        """
        SELECT range::INTEGER AS n, CASE WHEN range % 7 = 0 THEN NULL ELSE 'k' || (range % 5) END AS k, CASE WHEN range % 3 = 0 THEN NULL ELSE (range % 100)::DOUBLE / 4 END AS x,
            (range % 1000)::DECIMAL(10,2) / 4 AS q, (range % 50)::DECIMAL(10,2) AS m, TIMESTAMP '2001-01-01' + to_hours(range::INTEGER) AS t, range % 2 = 0 AS b,
            9000000000000000000 AS huge
        FROM range(2000)
        """;

    private readonly ServingBed _bed = new();
    private readonly StraightSql _sql = new("facts", Facts);

    public async ValueTask InitializeAsync() => await _bed.WriteAsync(Facts);

    public ValueTask DisposeAsync()
    {
        _sql.Dispose();
        return _bed.DisposeAsync();
    }

    [Theory]
    [InlineData("apply=aggregate($count as rows)", "SELECT count(*) FROM facts")]
    [InlineData("apply=aggregate(m with sum as s,m with min as lo,m with max as hi,x with average as a,k with countdistinct as d)", "SELECT sum(m), min(m), max(m), favg(x), count(DISTINCT k) FROM facts")]
    [InlineData("apply=filter(n lt 0)/aggregate(n with sum as s,$count as c,k with countdistinct as d)", "SELECT NULL, 0, 0")]
    [InlineData("apply=aggregate(huge with sum as s)", "SELECT sum(huge) FROM facts")]
    [InlineData("apply=groupby((k))", "SELECT DISTINCT k FROM facts ORDER BY k NULLS FIRST")]
    [InlineData("apply=groupby((k),aggregate($count as c,n with max as n))", "SELECT k, count(*), max(n) FROM facts GROUP BY k ORDER BY k NULLS FIRST")]
    [InlineData("apply=groupby((k),aggregate($count as c))&filter=c gt 300&orderby=c desc", "SELECT k, count(*) AS c FROM facts GROUP BY k HAVING count(*) > 300 ORDER BY c DESC, k NULLS FIRST")]
    [InlineData("apply=groupby((k),aggregate($count as c))&orderby=c desc&top=2&skip=1", "SELECT k, count(*) AS c FROM facts GROUP BY k ORDER BY c DESC, k NULLS FIRST LIMIT 2 OFFSET 1")]
    [InlineData("apply=groupby((k),aggregate($count as c))&select=c", "SELECT c FROM (SELECT k, count(*) AS c FROM facts GROUP BY k ORDER BY k NULLS FIRST)")]
    [InlineData("apply=compute(date(t) as day)/groupby((day,b),aggregate(x with sum as s))", "SELECT CAST(t AS DATE) AS day, b, fsum(x) FROM facts GROUP BY ALL ORDER BY 1, 2")]
    [InlineData("apply=compute(month(t) as mon,m mul 2 add 0.5 as twice)/groupby((mon),aggregate(twice with sum as s))", "SELECT month(t), sum(m * 2 + 0.5) FROM facts GROUP BY 1 ORDER BY 1")]
    [InlineData("apply=filter(k eq 'k1' or k eq null)/filter(n gt 100)/aggregate($count as c)", "SELECT count(*) FROM facts WHERE (k = 'k1' OR k IS NULL) AND n > 100")]
    [InlineData("apply=groupby((k,b),aggregate(n with sum as s))/groupby((k),aggregate(s with max as top))/filter(top gt 0)", "SELECT k, max(s) FROM (SELECT k, b, sum(n) AS s FROM facts GROUP BY ALL) GROUP BY k ORDER BY k NULLS FIRST")]
    [InlineData("apply=groupby((k),aggregate(n with sum as s))/compute(s div 2 as half)", "SELECT k, sum(n), sum(n) / 2 FROM facts GROUP BY k ORDER BY k NULLS FIRST")]
    [InlineData("apply=aggregate(m mul q with sum as s)", "SELECT sum(m * CAST(q AS DECIMAL(10,2))) FROM (SELECT m, q FROM facts WHERE false) UNION ALL SELECT sum(m * q) FROM facts LIMIT 1 OFFSET 1")]
    [InlineData("compute=n mul 2 as twice,length(k) as len&select=n,twice,len&filter=twice lt 20&orderby=twice desc", "SELECT n, n * 2, length(k) FROM facts WHERE n < 10 ORDER BY n DESC")]
    [InlineData("compute=concat(k,' as with ( x') as odd&select=odd&filter=n eq 1", "SELECT 'k1 as with ( x'")]
    [InlineData("compute=n gt 5 as big&select=big&filter=n in (5,6)&orderby=n", "SELECT * FROM (VALUES (false), (true))")]
    [InlineData("apply=groupby((t),aggregate(t with max as last))&top=2", "SELECT t, t FROM facts ORDER BY t LIMIT 2")]
    [InlineData("apply=groupby((k),aggregate(x with countdistinct as d))&count=true", "SELECT k, count(DISTINCT x) FROM facts GROUP BY k ORDER BY k NULLS FIRST")]
    public async Task Answers_equal_straight_sql(string query, string sql) =>
        Assert.Equal(_sql.Rows(sql), StraightSql.Values(ServingBed.Json(await _bed.GetAsync("?" + query))));

    [Fact]
    public async Task Counts_are_of_what_comes_out() =>
        Assert.Equal(6, ServingBed.Json(await _bed.GetAsync("?apply=groupby((k))&count=true&top=1")).GetProperty("count").GetInt32());

    [Fact]
    public async Task Files_are_left_out_by_filters_before_the_first_group()
    {
        await _bed.WriteAsync("SELECT range::INTEGER + 5000 AS n, 'z' AS k FROM range(10)");
        await _bed.WriteAsync("SELECT range::INTEGER AS n, 'a' AS k FROM range(10)", append: true);
        var pinned = await _bed.Reads.PinAsync(ServingBed.Table, new(), TestContext.Current.CancellationToken);
        foreach (var (apply, filter, files) in new[] { ("filter(n gt 100)/groupby((k))", null, 1), ("groupby((k,n))", "n gt 100", 2), ("groupby((k,n))/filter(n gt 100)", null, 2) })
        {
            var query = pinned.Parse(new(DataPlatform.Serving.Queries.QueryLimits.Default), new(Apply: apply, Filter: filter));
            await using var rows = await _bed.Reads.OpenAsync(pinned, query, DataPlatform.Serving.TableReading.ReadOptions.All, TestContext.Current.CancellationToken);
            Assert.Equal(files, rows.Files);
            Assert.True(rows.Read());
            Assert.Equal("z", rows.Reader.GetString(0));
        }
    }

    [Theory]
    [InlineData("apply=", "InvalidQueryOption", "is empty")]
    [InlineData("apply=nothing", "InvalidQueryOption", "'nothing' is no transformation")]
    [InlineData("apply=fliter(n gt 1)", "InvalidQueryOption", "Did you mean 'filter'?")]
    [InlineData("apply=filter(n gt 1", "InvalidQueryOption", "is not closed")]
    [InlineData("apply=filter(n gt 1))", "InvalidQueryOption", "closes what none opened")]
    [InlineData("apply=filter(k eq 'a)", "InvalidQueryOption", "quote is not closed")]
    [InlineData("apply=filter()", "InvalidQueryOption", "empty")]
    [InlineData("apply=filter(n gt 1)/", "InvalidQueryOption", "empty part")]
    [InlineData("apply=filter(n gt 1)(n)", "InvalidQueryOption", "follows the closing parenthesis")]
    [InlineData("apply=filter(nope gt 1)", "UnknownColumn", "'nope' at position 8 of apply")]
    [InlineData("apply=groupby(k)", "InvalidQueryOption", "parentheses of their own")]
    [InlineData("apply=groupby((nope))", "UnknownColumn", "'nope'")]
    [InlineData("apply=groupby((month(t)))", "InvalidQueryOption", "compute(month(t) as key)")]
    [InlineData("apply=groupby((rollup(k,b)))", "UnsupportedExpression", "rollup")]
    [InlineData("apply=groupby((k),filter(n gt 1))", "UnsupportedExpression", "inside of groupby")]
    [InlineData("apply=topcount(5,n)", "UnsupportedExpression", "'topcount' at position 1")]
    [InlineData("apply=aggregate(n with sum)", "InvalidQueryOption", "needs a name")]
    [InlineData("apply=aggregate(n as s)", "InvalidQueryOption", "does not say how")]
    [InlineData("apply=aggregate(n with median as s)", "InvalidQueryOption", "no aggregation 'median'")]
    [InlineData("apply=aggregate(k with sum as s)", "TypeMismatch", "'k' is String and has no sum")]
    [InlineData("apply=aggregate($count as _n)", "InvalidQueryOption", "no name for a column")]
    [InlineData("apply=aggregate($count as n,m with sum as N)", "InvalidQueryOption", "is taken")]
    [InlineData("apply=groupby((k),aggregate($count as k))", "InvalidQueryOption", "is taken")]
    [InlineData("apply=groupby((k))&filter=n gt 1", "UnknownColumn", "Columns: k.")]
    [InlineData("apply=groupby((k))/aggregate(n with sum as s)", "UnknownColumn", "Columns: k.")]
    [InlineData("compute=n mul 2", "InvalidQueryOption", "needs a name")]
    [InlineData("compute=n mul 2 as n", "InvalidQueryOption", "is taken")]
    [InlineData("compute=null as n2", "InvalidQueryOption", "always null")]
    [InlineData("compute=n desc as n2", "InvalidQueryOption", "can't be understood")]
    public async Task Mistakes_are_told_with_the_place_and_the_fix(string query, string code, string words)
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => _bed.GetAsync("?" + query));

        Assert.Equal((code, code == "UnsupportedExpression" ? FailureKind.NotImplemented : FailureKind.Invalid), (failure.Code, failure.Kind));
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }
}
