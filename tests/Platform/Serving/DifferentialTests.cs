using DataPlatform.Platform.Tests.Serving.Queries;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Serving;

/// <summary>Random queries through the rows door, page by page, and straight SQL written beside them: the same rows in the same order, nulls too.</summary>
public sealed class DifferentialTests : IAsyncLifetime
{
    private const string Rows =
        """
        SELECT range AS id, CASE WHEN range % 7 = 0 THEN NULL ELSE (range * 7919 % 41 - 20)::INTEGER END AS i, CASE WHEN range % 5 = 0 THEN NULL ELSE 's' || (range * 31 % 13) END AS s,
            CASE WHEN range % 11 = 0 THEN NULL ELSE (range * 17 % 29) / 4.0 END::DOUBLE AS x, CASE WHEN range % 13 = 0 THEN NULL ELSE (range * 13 % 97)::DECIMAL(10,2) / 1 END::DECIMAL(10,2) AS m,
            CASE WHEN range % 17 = 0 THEN NULL ELSE DATE '2001-01-01' + (range * 3 % 60)::INTEGER END AS d, CASE WHEN range % 3 = 0 THEN NULL ELSE range % 2 = 0 END AS b,
            TIMESTAMP '2001-01-01' + to_minutes((range * 37 % 5000)::INTEGER) AS t
        FROM range(1500)
        """;

    private readonly ServingBed _bed = new();
    private readonly StraightSql _sql = new("facts", Rows);

    /// <summary>Five files, so that some are left out by their statistics.</summary>
    public async ValueTask InitializeAsync()
    {
        for (var file = 0; file < 5; file++)
            await _bed.WriteAsync($"SELECT * FROM ({Rows}) WHERE id >= {file * 300} AND id < {(file + 1) * 300}", append: file > 0);
    }

    public ValueTask DisposeAsync()
    {
        _sql.Dispose();
        return _bed.DisposeAsync();
    }

    [Fact]
    public void Random_queries_answer_as_straight_sql_does() => Prop.ForAll(Queries().ToArbitrary(), query =>
    {
        var answered = AnswerAsync(query.Options).GetAwaiter().GetResult();
        var expected = _sql.Rows(query.Sql);
        Assert.True(expected.SequenceEqual(answered), $"{query.Options}\n{query.Sql}\nexpected {expected.Count}: {string.Join("; ", expected.Take(5))}\nanswered {answered.Count}: {string.Join("; ", answered.Take(5))}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(80));

    /// <summary>All pages laid end to end.</summary>
    private async Task<List<string>> AnswerAsync(string options)
    {
        List<string> rows = [];
        for (var after = ""; ;)
        {
            var page = ServingBed.Json(await _bed.GetAsync($"?{options}{after}"));
            rows.AddRange(StraightSql.Values(page));
            if (!page.TryGetProperty("next", out var next))
                return rows;
            after = $"&after={next.GetString()}";
        }
    }

    private static Gen<Case> Queries() =>
        from filter in Filter(3)
        from grouped in Gen.Frequency((2, Gen.Constant(false)), (1, Gen.Constant(true)))
        from query in grouped ? Grouped(filter) : Plain(filter)
        select query;

    private static Gen<Case> Plain(Pair filter) =>
        from order in Gen.Elements("id", "i", "s", "x", "m", "d", "b", "t").ListOf(2)
        from down in Gen.Elements(true, false).ListOf(2)
        from skip in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(0, 400)))
        from top in Gen.Frequency<int?>((2, Gen.Constant<int?>(null)), (1, Gen.Choose(0, 1200).Select(number => (int?)number)))
        select new Case(
            $"select=id,i,s,x,m,d,b,t&filter={filter.Text}&orderby={order[0]}{(down[0] ? " desc" : "")},{order[1]}{(down[1] ? " desc" : "")},id&skip={skip}{(top is null ? "" : $"&top={top}")}",
            $"SELECT id, i, s, x, m, d, b, t FROM facts WHERE {filter.Sql} ORDER BY {order[0]} {Direction(down[0])}, {order[1]} {Direction(down[1])}, id LIMIT {top ?? 100_000} OFFSET {skip}");

    private static Gen<Case> Grouped(Pair filter) =>
        from key in Gen.Elements(new Pair("s", "s"), new("b", "b"), new("month(d)", "month(d)"), new("date(t)", "CAST(t AS DATE)"), new("i mod 3", "i % 3"))
        from value in Gen.Elements("i", "m", "x")
        from least in Gen.Choose(0, 40)
        from down in Gen.Elements(true, false)
        select new Case(
            $"apply=filter({filter.Text})/compute({key.Text} as k)/groupby((k),aggregate($count as n,{value} with sum as total,{value} with min as low,{value} with max as high,s with countdistinct as kinds))"
                + $"&filter=n ge {least}&orderby=n{(down ? " desc" : "")}",
            $"SELECT {key.Sql} AS k, count(*) AS n, {(value == "x" ? "fsum" : "sum")}({value}) AS total, min({value}), max({value}), count(DISTINCT s) FROM facts WHERE {filter.Sql} GROUP BY 1 HAVING count(*) >= {least} ORDER BY n {Direction(down)}, k NULLS FIRST");

    private static string Direction(bool down) => down ? "DESC NULLS LAST" : "ASC NULLS FIRST";

    /// <summary>A condition in both languages. SQL's unknown is OData's false, below "not" too.</summary>
    private static Gen<Pair> Filter(int depth) => depth == 0
        ? Comparison()
        : Gen.Frequency(
            (3, Comparison()),
            (1, from left in Filter(depth - 1) from right in Filter(depth - 1) select new Pair($"({left.Text} and {right.Text})", $"({left.Sql} AND {right.Sql})")),
            (1, from left in Filter(depth - 1) from right in Filter(depth - 1) select new Pair($"({left.Text} or {right.Text})", $"({left.Sql} OR {right.Sql})")),
            (1, from inner in Filter(depth - 1) select new Pair($"not ({inner.Text})", $"(NOT {inner.Sql})")));

    private static Gen<Pair> Comparison() =>
        from operation in Gen.Elements(new Pair("eq", "IS NOT DISTINCT FROM"), new("ne", "IS DISTINCT FROM"), new("gt", ">"), new("ge", ">="), new("lt", "<"), new("le", "<="))
        from sides in Gen.OneOf(
            Gen.Choose(-5, 1505).Select(number => new Sides("id", "id", $"{number}", $"{number}")),
            Gen.Choose(-25, 25).Select(number => new Sides("i", "i", $"{number}", $"{number}")),
            Gen.Choose(-5, 40).Select(number => new Sides("i add 2", "i + 2", $"{number}", $"{number}")),
            Gen.Choose(-5, 40).Select(number => new Sides("x", "x", $"{number / 4m}", $"{number / 4m}")),
            Gen.Choose(-5, 100).Select(number => new Sides("m", "m", $"{number}.00", $"{number}.00")),
            Gen.Choose(0, 15).Select(number => new Sides("s", "s", $"'s{number}'", $"'s{number}'")),
            Gen.Choose(0, 3).Select(number => new Sides("length(s)", "length(s)", $"{number}", $"{number}")),
            Gen.Choose(0, 70).Select(number => new Sides("d", "d", Day(number), $"DATE '{Day(number)}'")),
            Gen.Choose(0, 4).Select(number => new Sides("t", "t", $"{Day(number)}T12:00:00Z", $"TIMESTAMP '{Day(number)} 12:00:00'")),
            Gen.Constant(new Sides("s", "s", "null", "NULL")))
        let nothing = sides.RightText == "null" && operation.Text is not ("eq" or "ne")
        select new Pair(
            $"{sides.LeftText} {operation.Text} {sides.RightText}",
            nothing ? "false" : $"coalesce({sides.LeftSql} {operation.Sql} {sides.RightSql}, false)");

    private static string Day(int after) => new DateOnly(2001, 1, 1).AddDays(after).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Case(string Options, string Sql);

    private sealed record Pair(string Text, string Sql);

    private sealed record Sides(string LeftText, string LeftSql, string RightText, string RightSql);
}
