namespace DataPlatform.Platform.Tests.Sql;

public sealed class SplitCheckTests(SqlInspectorTests.Bed bed) : IClassFixture<SqlInspectorTests.Bed>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SELECT id, count(*) AS n FROM new.x GROUP BY id", "new.x")]
    [InlineData("SELECT f.ID AS k, sum(f.v) FROM new.x AS f JOIN y ON y.id = f.id GROUP BY F.id, y.a HAVING count(*) > 1", "new.x")]
    [InlineData("SELECT new.x.id, sum(v) FROM y JOIN new.x ON y.id = x.id GROUP BY 1", "new.x")]
    [InlineData("SELECT id, v FROM new.x QUALIFY rank() OVER (PARTITION BY v, id ORDER BY v) = 1", "new.x")]
    [InlineData("SELECT id, sum(v) OVER w AS s FROM new.x WINDOW w AS (PARTITION BY id ORDER BY v)", "new.x")]
    [InlineData("SELECT DISTINCT * FROM new.x", "new.x")]
    [InlineData("SELECT DISTINCT x.*, y.a FROM new.x JOIN y USING (id)", "new.x")]
    [InlineData("SELECT DISTINCT ON (id) id, v FROM new.x ORDER BY v", "new.x")]
    [InlineData("SELECT *, count(*) AS n FROM new.x GROUP BY ALL", "new.x")]
    [InlineData("SELECT id, v + 1 AS v, (SELECT max(o.v) FROM y o) AS m FROM new.x WHERE v > (SELECT avg(v) FROM y)", "new.x")]
    [InlineData("SELECT x.id, count(*) AS n FROM x LEFT JOIN y USING (k) GROUP BY x.id", "x")]
    [InlineData("WITH c AS (SELECT id, sum(v) AS s FROM y GROUP BY id) SELECT f.id, max(c.s) AS s FROM new.x f LEFT JOIN c ON c.id = f.id GROUP BY f.id", "new.x")]
    [InlineData("SELECT id, sum(v * $factor) AS s FROM new.x WHERE day >= $from GROUP BY id", "new.x")]
    [InlineData("SELECT x.id, max(y.a) AS a FROM new.x JOIN y ON y.id = x.id AND y.k = $key GROUP BY x.id HAVING count(*) > $least", "new.x")]
    public async Task What_keeps_partitions_apart_is_let_through(string sql, string table)
    {
        var split = await InspectAsync(sql);

        Assert.Null(split.Fault);
        Assert.Equal(table, split.Table?.ToString());
    }

    [Theory]
    [InlineData("SELECT count(*) AS n FROM new.x", "'count(*)' looks at all rows: GROUP BY id at line 1, column 8")]
    [InlineData("SELECT v, count(*) AS n\nFROM new.x\nGROUP BY v", "GROUP BY does not name 'id' at line 3, column 10")]
    [InlineData("SELECT id, count(*) FROM new.x GROUP BY ROLLUP (id)", "grouping set")]
    [InlineData("SELECT id, count(*) FROM new.x GROUP BY GROUPING SETS ((id), ())", "grouping set")]
    [InlineData("SELECT id % 2 AS id, count(*) FROM new.x GROUP BY id", "another expression is called 'id' like the column it is divided by: choose another name at line 1, column 11")]
    [InlineData("SELECT id % 2 AS k, count(*) FROM new.x GROUP BY k", "does not name 'id'")]
    [InlineData("SELECT *, 1 AS one, count(*) FROM new.x GROUP BY 1", "does not name 'id'")]
    [InlineData("SELECT * EXCLUDE (id), count(*) AS n FROM new.x GROUP BY ALL", "GROUP BY ALL does not group by 'id'")]
    [InlineData("SELECT y.id, count(*) FROM new.x JOIN y ON y.v = x.v GROUP BY y.id", "does not name 'x.id'")]
    [InlineData("SELECT id, count(*) FROM new.x JOIN y USING (id) GROUP BY id", "does not name 'x.id'")]
    [InlineData("SELECT id, row_number() OVER (ORDER BY v) AS n FROM new.x", "the window of 'row_number' is not PARTITION BY 'id' at line 1, column 12")]
    [InlineData("SELECT id FROM new.x QUALIFY row_number() OVER (PARTITION BY v) = 1", "not PARTITION BY 'id'")]
    [InlineData("SELECT id, sum(count(*)) OVER () FROM new.x GROUP BY id", "not PARTITION BY 'id'")]
    [InlineData("SELECT id, row_number() OVER (PARTITION BY 1 ORDER BY v) AS n FROM new.x", "not PARTITION BY 'id'")]
    [InlineData("SELECT DISTINCT v FROM new.x", "DISTINCT looks at all rows unless 'id' is selected")]
    [InlineData("SELECT DISTINCT * EXCLUDE (id) FROM new.x", "DISTINCT looks at all rows")]
    [InlineData("SELECT DISTINCT * REPLACE (1 AS id) FROM new.x", "DISTINCT looks at all rows")]
    [InlineData("SELECT DISTINCT COLUMNS('i.*') FROM new.x", "DISTINCT looks at all rows")]
    [InlineData("SELECT DISTINCT ON (v) id, v FROM new.x", "DISTINCT ON does not name 'id'")]
    [InlineData("SELECT id FROM new.x LIMIT 5", "LIMIT or OFFSET")]
    [InlineData("SELECT id FROM new.x OFFSET 5", "LIMIT or OFFSET")]
    [InlineData("SELECT id FROM new.x ORDER BY id LIMIT 10%", "LIMIT or OFFSET")]
    [InlineData("SELECT id FROM new.x USING SAMPLE 10", "sample")]
    [InlineData("SELECT id FROM new.x TABLESAMPLE 10%", "must be named once")]
    [InlineData("SELECT id FROM new.x UNION SELECT id FROM y", "set operation")]
    [InlineData("SELECT id FROM y LEFT JOIN new.x USING (id)", "filled up with NULLs")]
    [InlineData("SELECT x.id FROM new.x FULL JOIN y USING (id)", "filled up with NULLs")]
    [InlineData("SELECT x.id FROM y ASOF JOIN new.x ON x.v >= y.v", "must be named once")]
    [InlineData("SELECT x.id FROM new.x POSITIONAL JOIN y", "must be named once")]
    [InlineData("SELECT id FROM (SELECT id FROM new.x)", "FROM of the outermost SELECT")]
    [InlineData("WITH c AS (SELECT * FROM new.x) SELECT id FROM c", "FROM of the outermost SELECT")]
    [InlineData("SELECT id FROM new.x WHERE v > (SELECT avg(v) FROM new.x)", "must be named once")]
    [InlineData("SELECT a.id FROM x a JOIN x b USING (k)", "must be named once")]
    [InlineData("WITH x AS (SELECT * FROM y) SELECT id FROM x", "must be named once")]
    [InlineData("SELECT id FROM new.x f(v, id)", "names of its columns")]
    [InlineData("SELECT id, (SELECT sum(x.v)) AS s FROM new.x", "the aggregate 'sum' in a subquery may be one over all rows")]
    [InlineData("SELECT id, (SELECT max(v) FROM y) AS s FROM new.x", "the aggregate 'max' in a subquery")]
    [InlineData("SELECT id, (SELECT sum(f.v) FROM (SELECT 1 FROM y f) q) AS s FROM new.x f", "the aggregate 'sum' in a subquery")]
    [InlineData("SELECT $id AS k, count(*) AS n FROM new.x GROUP BY $id", "does not name 'id'")]
    [InlineData("SELECT id FROM new.x LIMIT $most", "LIMIT or OFFSET")]
    [InlineData("SELECT $id AS id, v FROM new.x QUALIFY rank() OVER (PARTITION BY x.id ORDER BY v) = 1", "another expression is called 'id'")]
    [InlineData("SELECT 1 AS one FROM new.x HAVING true", "all rows into one")]
    public async Task What_looks_across_partitions_is_refused_with_its_place(string sql, string fault) =>
        Assert.Contains(fault, (await InspectAsync(sql)).Fault, StringComparison.Ordinal);

    private Task<DataPlatform.Sql.SplitQuery> InspectAsync(string sql) => bed.Sql.Inspector.InspectSplitAsync(sql, ["id"], "$.sql", Token);
}
