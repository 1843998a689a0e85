using DataPlatform.Serving.Queries;

namespace DataPlatform.Platform.Tests.Serving.Queries;

public sealed class QuerySemanticsTests
{
    private static readonly QueryParser Parser = new(QueryLimits.Default);

    [Fact]
    public void Random_filters_choose_the_rows_that_odata_means()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var filters = new RandomFilter(random);
        var rows = Enumerable.Range(0, 60).Select(_ => filters.Row()).ToList();
        using var connection = SampleTable.Open();
        Fill(connection, rows);

        for (var round = 0; round < 500; round++)
        {
            var filter = filters.Boolean(3);
            var expected = rows.Count(row => filter.Value(row) is true);
            var planned = QueryPlanner.Count(Parser.Parse(SampleTable.Columns, new QueryText(Filter: filter.Text)), "rows");

            Assert.True(
                expected == (long)SampleTable.Read(connection, planned)[0][0]!,
                $"seed {seed}, round {round}: {filter.Text}\n{planned.Text}\nexpected {expected} rows");
        }
    }

    [Fact]
    public void Nulls_sort_lowest_and_pages_neither_overlap_nor_skip()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var filters = new RandomFilter(random);
        var rows = Enumerable.Range(0, 60).Select(_ => filters.Row()).ToList();
        using var connection = SampleTable.Open();
        Fill(connection, rows);
        string[] names = ["i", "n", "x", "m", "s", "d", "t", "b"];
        var comparer = Comparer<object?>.Create((left, right) => (left, right) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            (string a, string b) => string.CompareOrdinal(a, b),
            _ => ((IComparable)left).CompareTo(right),
        });

        for (var round = 0; round < 30; round++)
        {
            var (first, second) = (random.Next(8), random.Next(8));
            var descending = random.Next(2) == 0;
            var expected = (descending ? rows.OrderByDescending(row => row[first], comparer) : rows.OrderBy(row => row[first], comparer))
                .ThenByDescending(row => row[second], comparer)
                .Select(row => (row[first], row[second]))
                .ToList();

            List<object?[]> read = [];
            for (var skip = 0; skip < 60; skip += 7)
            {
                var text = new QueryText(
                    Filter: "n lt 100", OrderBy: $"{names[first]}{(descending ? " desc" : "")},{names[second]} desc", Top: "7", Skip: $"{skip}");
                var query = Parser.Parse(SampleTable.Columns, text) with { Select = SampleTable.Columns };
                read.AddRange(SampleTable.Read(connection, QueryPlanner.Rows(query, "rows", SampleTable.Columns)));
            }

            Assert.Equal(60, read.Count);
            Assert.Equal(60, read.Select(row => (string)row[10]!).Distinct().Count());
            var byBatch = rows.Select((row, index) => (row, index)).ToDictionary(pair => $"{pair.index}", pair => pair.row);
            Assert.Equal(expected, read.Select(row => byBatch[(string)row[10]!]).Select(row => (row[first], row[second])));
        }
    }

    private static void Fill(DuckDB.NET.Data.DuckDBConnection connection, List<object?[]> rows)
    {
        SampleTable.Execute(connection, new SqlQuery(SampleTable.Ddl, []));
        for (var index = 0; index < rows.Count; index++)
        {
            SampleTable.Execute(connection, new SqlQuery(
                "INSERT INTO rows (i, n, x, m, s, d, t, b, _batch) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", [.. rows[index], $"{index}"]));
        }
    }
}
