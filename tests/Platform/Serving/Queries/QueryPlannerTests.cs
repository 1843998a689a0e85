using System.Text.RegularExpressions;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Serving.Queries;

public sealed class QueryPlannerTests
{
    private static readonly QueryParser Parser = new(QueryLimits.Default);

    [Theory]
    [InlineData("i eq 5", "(\"i\" = $1)", 5L)]
    [InlineData("i ne 5", "(\"i\" IS DISTINCT FROM $1)", 5L)]
    [InlineData("n ne 5", "(\"n\" <> $1)", 5L)]
    [InlineData("i eq null", "(\"i\" IS NULL)")]
    [InlineData("null ne i", "(\"i\" IS NOT NULL)")]
    [InlineData("i gt null", "false")]
    [InlineData("i eq n", "(\"i\" = \"n\")")]
    [InlineData("i eq i", "(\"i\" IS NOT DISTINCT FROM \"i\")")]
    [InlineData("x ge 1", "(\"x\" >= $1)", 1.0)]
    [InlineData("x eq 1.1", "(\"x\" = $1)", 1.1)]
    [InlineData("f eq 1.1", "(\"f\" = $1)", 1.1f)]
    [InlineData("x eq INF", "(\"x\" = $1)", double.PositiveInfinity)]
    [InlineData("x lt -2.5e3", "(\"x\" < $1)", -2500.0)]
    [InlineData("n eq 9223372036854775807", "(\"n\" = $1)", long.MaxValue)]
    [InlineData("s eq 'O''Hare'", "(\"s\" = $1)", "O'Hare")]
    [InlineData("b", "\"b\"")]
    [InlineData("not b", "(NOT \"b\")")]
    [InlineData("b eq true", "(\"b\" = $1)", true)]
    [InlineData("not (i gt 5)", "(NOT coalesce((\"i\" > $1), false))", 5L)]
    [InlineData("not (n gt 5)", "(NOT (\"n\" > $1))", 5L)]
    [InlineData("i gt 1 and i lt 9 and s eq 'a'", "((\"i\" > $1) AND (\"i\" < $2) AND (\"s\" = $3))", 1L, 9L, "a")]
    [InlineData("i gt 1 or i lt 9 and b", "((\"i\" > $1) OR ((\"i\" < $2) AND \"b\"))", 1L, 9L)]
    [InlineData("i in (1,2)", "(\"i\" IN ($1, $2))", 1L, 2L)]
    [InlineData("i in (1,null)", "((\"i\" IN ($1)) OR (\"i\" IS NULL))", 1L)]
    [InlineData("i in (null)", "(\"i\" IS NULL)")]
    [InlineData("i in ()", "false")]
    [InlineData("not (s in ('a'))", "(NOT coalesce((\"s\" IN ($1)), false))", "a")]
    [InlineData("contains(s,'%_')", "contains(\"s\", $1)", "%_")]
    [InlineData("startswith(tolower(s),'a')", "starts_with(lower(\"s\"), $1)", "a")]
    [InlineData("endswith(concat(s,'x'),'a')", "ends_with((\"s\" || $1), $2)", "x", "a")]
    [InlineData("indexof(s,'a') eq 0", "((strpos(\"s\", $1) - 1) = $2)", "a", 0L)]
    [InlineData("substring(s,1) eq 'a'", "(substring(\"s\", greatest($1, 0) + 1) = $2)", 1L, "a")]
    [InlineData("substring(s,1,2) eq 'a'", "(substring(\"s\", greatest($1, 0) + 1, greatest($2, 0)) = $3)", 1L, 2L, "a")]
    [InlineData("length(trim(s)) gt 2", "(length(trim(\"s\")) > $1)", 2L)]
    [InlineData("year(d) eq 2001", "(year(\"d\") = $1)", 2001L)]
    [InlineData("hour(t) eq 3", "(hour(make_timestamp(epoch_us(\"t\"))) = $1)", 3L)]
    [InlineData("date(t) eq d", "(CAST(make_timestamp(epoch_us(\"t\")) AS DATE) IS NOT DISTINCT FROM \"d\")")]
    [InlineData("d lt t", "(make_timestamptz(epoch_us(CAST(\"d\" AS TIMESTAMP))) < \"t\")")]
    [InlineData("i add 1 mul 2 gt 3", "((CAST(\"i\" AS BIGINT) + ($1 * $2)) > $3)", 1L, 2L, 3L)]
    [InlineData("i div 2 eq 1", "((CAST(\"i\" AS BIGINT) // $1) = $2)", 2L, 1L)]
    [InlineData("x div 2 eq 1", "((\"x\" / $1) = $2)", 2.0, 1.0)]
    [InlineData("-i lt 3", "((-CAST(\"i\" AS BIGINT)) < $1)", 3L)]
    [InlineData("round(x) eq 3", "(round(\"x\") = $1)", 3.0)]
    [InlineData("_batch eq 'b1'", "(\"_batch\" = $1)", "b1")]
    public void Filter_becomes_parameterised_sql(string filter, string sql, params object[] parameters)
    {
        var query = Parser.Parse(SampleTable.Columns, new QueryText(Select: "n", Filter: filter));
        var planned = QueryPlanner.Rows(query, "rows", []);

        Assert.Equal($"SELECT \"n\" FROM \"rows\" WHERE {sql}", Untyped(planned.Text));
        Assert.Equal(parameters, planned.Parameters);
    }

    /// <summary>Leaves the casts of parameters out, for the eye's sake; <see cref="Parameters_carry_their_type"/> has them.</summary>
    private static string Untyped(string sql) =>
        Regex.Replace(sql, @"CAST\((?<number>\$\d+) AS [A-Z ]+(\(\d+,\d+\))?\)", "${number}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    [Fact]
    public void Parameters_carry_their_type()
    {
        var planned = QueryPlanner.Count(
            Parser.Parse(
                SampleTable.Columns,
                new QueryText(Filter: "i eq 1 or i gt -1.5 or m lt 0.05 or x eq 1 or f eq 1 or s eq 'a' or d eq 2020-01-01 or t eq 2020-01-01 or b eq true or raw eq binary'AA=='")),
            "rows");

        Assert.Equal(
            "SELECT count(*) FROM \"rows\" WHERE ((\"i\" = CAST($1 AS BIGINT)) OR (\"i\" > CAST($2 AS DECIMAL(2,1))) "
                + "OR (\"m\" < CAST($3 AS DECIMAL(2,2))) OR (\"x\" = CAST($4 AS DOUBLE)) OR (\"f\" = CAST($5 AS FLOAT)) "
                + "OR (\"s\" = CAST($6 AS VARCHAR)) OR (\"d\" = CAST($7 AS DATE)) OR (\"t\" = CAST($8 AS TIMESTAMP WITH TIME ZONE)) "
                + "OR (\"b\" = CAST($9 AS BOOLEAN)) OR (\"raw\" = CAST($10 AS BLOB)))",
            planned.Text);
    }

    [Fact]
    public void Fractions_beside_whole_columns_are_not_rounded()
    {
        using var connection = SampleTable.Open();
        SampleTable.Execute(connection, new SqlQuery(SampleTable.Ddl, []));
        SampleTable.Execute(connection, new SqlQuery("INSERT INTO rows (n, i) VALUES (1, -2), (2, 3)", []));

        Assert.Equal(0, Matches("i eq -1.5"));
        Assert.Equal(0, Matches("-1.5 eq i"));
        Assert.Equal(1, Matches("i lt 2.5"));
        Assert.Equal(1, Matches("n gt 1.99"));

        long Matches(string filter) =>
            (long)SampleTable.Read(connection, QueryPlanner.Count(Parser.Parse(SampleTable.Columns, new QueryText(Filter: filter)), "rows"))[0][0]!;
    }

    [Fact]
    public void Comparison_as_a_value_is_never_null()
    {
        var planned = QueryPlanner.Count(Parser.Parse(SampleTable.Columns, new QueryText(Filter: "(i gt 5) eq b")), "rows");

        Assert.Equal("SELECT count(*) FROM \"rows\" WHERE (coalesce((\"i\" > $1), false) = \"b\")", Untyped(planned.Text));
    }

    [Theory]
    [InlineData("t ge 2021-02-03T04:05:06Z", "2021-02-03T04:05:06Z")]
    [InlineData("t ge 2021-02-03T04:05:06.123456+01:00", "2021-02-03T03:05:06.123456Z")]
    [InlineData("t ge 2021-02-03", "2021-02-03T00:00:00Z")]
    public void Timestamp_literals_are_bound_as_utc_instants(string filter, string expected)
    {
        var planned = QueryPlanner.Count(Parser.Parse(SampleTable.Columns, new QueryText(Filter: filter)), "rows");

        Assert.Equal("SELECT count(*) FROM \"rows\" WHERE (\"t\" >= $1)", Untyped(planned.Text));
        var bound = Assert.IsType<DateTimeOffset>(Assert.Single(planned.Parameters));
        Assert.Equal(DateTimeOffset.Parse(expected), bound);
        Assert.Equal(TimeSpan.Zero, bound.Offset);
    }

    [Fact]
    public void Decimal_literals_keep_their_digits()
    {
        var planned = QueryPlanner.Count(
            Parser.Parse(SampleTable.Columns, new QueryText(Filter: "m in (1.10,12345678901234567890.1234) and i lt 2.5")), "rows");

        Assert.Equal([1.10m, 12345678901234567890.1234m, 2.5m], planned.Parameters);
    }

    [Fact]
    public void Order_top_and_skip_are_stable_and_bound()
    {
        var query = Parser.Parse(
            SampleTable.Columns, new QueryText(Select: "s,t", OrderBy: "m desc, tolower(s)", Top: "10", Skip: "20", Count: "true"));
        var planned = QueryPlanner.Rows(query, "rows", [SampleTable.Columns[1], SampleTable.Columns[3]]);

        Assert.Equal(
            "SELECT \"s\", epoch_us(\"t\") AS \"t\" FROM \"rows\" ORDER BY \"m\" DESC NULLS LAST, lower(\"s\") ASC NULLS FIRST, "
                + "\"n\" ASC NULLS FIRST LIMIT $1 OFFSET $2",
            Untyped(planned.Text));
        Assert.Equal([10L, 20L], planned.Parameters);
        Assert.True(query.Count);
    }

    [Fact]
    public void Constants_order_nothing()
    {
        var query = Parser.Parse(SampleTable.Columns, new QueryText(Select: "n", OrderBy: "1"));

        Assert.Equal("SELECT \"n\" FROM \"rows\"", QueryPlanner.Rows(query, "rows", []).Text);
    }

    [Fact]
    public void System_columns_are_returned_only_when_named()
    {
        Assert.DoesNotContain("_batch", Names(null));
        Assert.DoesNotContain("_batch", Names("*"));
        Assert.Equal(["_batch", "n"], Names("_batch,n,n"));

        static IEnumerable<string> Names(string? select) =>
            Parser.Parse(SampleTable.Columns, new QueryText(Select: select)).Select.Select(column => column.Name);
    }

    [Fact]
    public void Names_of_columns_and_tables_cannot_leave_their_quotes()
    {
        var evil = "x\" FROM rows; DROP TABLE rows; --";
        TableColumn[] columns = [new(evil, "integer")];
        using var connection = SampleTable.Open();
        SampleTable.Execute(connection, new SqlQuery($"CREATE TABLE \"a\"\"b\" (\"{evil.Replace("\"", "\"\"", StringComparison.Ordinal)}\" INTEGER)", []));

        var planned = QueryPlanner.Rows(Parser.Parse(columns, new QueryText()), "a\"b", columns);

        Assert.Empty(SampleTable.Read(connection, planned));
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("'; DROP TABLE rows; --")]
    [InlineData("\\'; SELECT 1")]
    [InlineData("$1")]
    [InlineData("\"i\"")]
    [InlineData("%")]
    public void Values_are_only_values(string value)
    {
        using var connection = SampleTable.Open();
        SampleTable.Execute(connection, new SqlQuery(SampleTable.Ddl, []));
        SampleTable.Execute(connection, new SqlQuery("INSERT INTO rows (n, s) VALUES (1, $1), (2, 'other')", [value]));

        foreach (var filter in (string[])["s eq {0}", "contains(s,{0})", "s in ({0})", "startswith(s,{0})"])
        {
            var literal = $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
            var query = Parser.Parse(
                SampleTable.Columns, new QueryText(Select: "n", Filter: filter.Replace("{0}", literal, StringComparison.Ordinal)));
            var row = Assert.Single(SampleTable.Read(connection, QueryPlanner.Rows(query, "rows", [])));
            Assert.Equal(1L, row[0]);
        }
    }
}
