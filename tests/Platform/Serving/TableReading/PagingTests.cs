using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Serving;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Serving.TableReading;

/// <summary>Pages laid end to end are the whole, in its order, whatever it is ordered by.</summary>
public sealed class PagingTests : IAsyncLifetime
{
    private const string Rows =
        """
        SELECT CASE WHEN range % 11 = 0 THEN NULL ELSE DATE '2001-01-01' + (range % 20)::INTEGER END AS day, CASE WHEN range % 7 = 0 THEN NULL ELSE 'o' || (range % 23) END AS origin,
            range AS flights, CASE WHEN range % 5 = 0 THEN NULL WHEN range % 13 = 0 THEN 'NaN'::DOUBLE ELSE (range % 17) / 3.0 END::DOUBLE AS x, (range % 19)::FLOAT / 7 AS f,
            (range % 9)::DECIMAL(10,2) / 4 AS q, (range % 9)::DECIMAL(10,2) AS m, (range % 6)::DECIMAL(38,10) AS wide, TIMESTAMP '2001-01-01 00:00:00.000001' + to_hours((range % 30)::INTEGER) AS t,
            range % 3 = 0 AS b, encode('' || range % 4) AS raw
        FROM range(300)
        """;

    private static readonly QueryParser Parser = new(QueryLimits.Default);

    private readonly ServingBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Its dimensions tell its rows apart, null among them.</summary>
    private static ServedTable Mart { get; } = ServingBed.Mart with
    {
        Key = ["day", "origin", "flights"],
        Mart = new MartDefinition
        {
            Name = "sums",
            Source = "facts",
            Dimensions = [new("day"), new("origin"), new("flights")],
            Measures = [.. ((string[])["x", "f", "q", "m", "wide", "t", "b", "raw"]).Select(name => new MeasureDefinition(name, MeasureType.Max, name))],
        },
    };

    public async ValueTask InitializeAsync()
    {
        await _bed.WriteAsync(Rows, table: Mart);
        await _bed.WriteAsync(Rows);
        await _bed.WriteAsync(Rows, append: true); // Every row is there twice.
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(null, null)]
    [InlineData("day", null)]
    [InlineData("day desc", null)]
    [InlineData("origin desc,day", null)]
    [InlineData("x", null)]
    [InlineData("x desc,f", null)]
    [InlineData("f desc", "x ne null")]
    [InlineData("m desc,q,wide desc", null)]
    [InlineData("t", "b eq true")]
    [InlineData("t desc,raw", null)]
    [InlineData("b,raw desc", "flights gt 100")]
    [InlineData("hour(t) desc,length(origin)", null)]
    [InlineData("m mul 2 sub 1 desc", null)]
    [InlineData("null,1,day", null)]
    public async Task Pages_are_the_whole_in_pieces(string? orderBy, string? filter)
    {
        foreach (var table in new[] { Mart, ServingBed.Table })
        {
            var pinned = await _bed.Reads.PinAsync(table, new TableVersionRequest(), Token);
            foreach (var (select, skip, top) in new[] { ("*", null, null), ("flights", "13", "200"), ("origin,x", "290", null) })
            {
                var query = pinned.Parse(Parser, new QueryText(Select: select, OrderBy: orderBy, Filter: filter, Skip: skip, Top: top));
                var (whole, _) = await ReadAsync(pinned, query, ReadOptions.All);
                foreach (var size in (int[])[7, 100])
                {
                    List<string> pieces = [];
                    for (RowPosition? place = null; ;)
                    {
                        var (rows, next) = await ReadAsync(pinned, query, new ReadOptions { PageSize = size, After = place });
                        pieces.AddRange(rows);
                        if (next is null)
                            break;
                        Assert.Equal(size, rows.Count);
                        Assert.Equal(table == Mart, next.Keys is not null);
                        place = RowCursor.Read(new RowCursor(1, "id", next).Write("q"), "q", "after").Position;
                    }

                    Assert.Equal(whole, pieces);
                }
            }
        }
    }

    [Fact]
    public async Task Groups_are_paged_by_their_keys()
    {
        var pinned = await _bed.Reads.PinAsync(ServingBed.Table, new TableVersionRequest(), Token);
        var query = pinned.Parse(Parser, new QueryText(Apply: "groupby((day,b),aggregate($count as n,m with sum as s))", OrderBy: "n desc", Filter: "n gt 2"));
        var (whole, _) = await ReadAsync(pinned, query, ReadOptions.All);
        List<string> pieces = [];
        RowPosition? place = null;
        do
        {
            (var rows, place) = await ReadAsync(pinned, query, new ReadOptions { PageSize = 7, After = place });
            pieces.AddRange(rows);
        }
        while (place is not null);

        Assert.True(whole.Count > 20);
        Assert.Equal(whole, pieces);
    }

    [Fact]
    public async Task A_page_in_the_middle_opens_the_files_it_needs()
    {
        for (var file = 0; file < 10; file++)
            await _bed.WriteAsync($"SELECT (range + {file * 10})::INTEGER AS n FROM range(10)", append: file > 0);
        var pinned = await _bed.Reads.PinAsync(ServingBed.Table, new TableVersionRequest(), Token);
        var query = pinned.Parse(Parser, new QueryText());

        await using var rows = await _bed.Reads.OpenAsync(pinned, query, new ReadOptions { PageSize = 9, After = new RowPosition(null, 45, null) }, Token);

        Assert.Equal(2, rows.Files);
        List<int> read = [];
        while (rows.Read())
            read.Add(rows.Reader.GetInt32(0));
        Assert.Equal(Enumerable.Range(45, 9), read);
        Assert.Equal(new RowPosition(null, 54, null), rows.Next! with { Order = null });
    }

    [Fact]
    public async Task Pages_may_be_ended_early()
    {
        var pinned = await _bed.Reads.PinAsync(Mart, new TableVersionRequest(), Token);
        var query = pinned.Parse(Parser, new QueryText(Select: "flights", OrderBy: "flights", Top: "5"));
        await using (var rows = await _bed.Reads.OpenAsync(pinned, query, new ReadOptions { PageSize = 100 }, Token))
        {
            Assert.True(rows.Read() && rows.Read());
            rows.EndPage();
            Assert.False(rows.Read());
            Assert.Equal((2, 3), (rows.Next!.Offset, rows.Next.Left));
            var (rest, next) = await ReadAsync(pinned, query, new ReadOptions { PageSize = 100, After = rows.Next });
            Assert.Equal(["2", "3", "4"], rest);
            Assert.Null(next);
        }
    }

    [Fact]
    public async Task Cursors_that_were_changed_or_are_of_other_queries_are_refused()
    {
        var cursor = new RowCursor(3, "id", new RowPosition(["a", null], 10, null));
        var text = cursor.Write("query");

        Assert.Equal(["a", null], RowCursor.Read(text, "query", "after").Position.Keys);
        foreach (var (wrong, query) in new[] { (text, "other"), (text[..^1], "query"), ("A" + text[1..], "query"), (text + "AAAA", "query"), ("", "query"), ("§", "query") })
        {
            var failure = Assert.Throws<TerminalException>(() => RowCursor.Read(wrong, query, "after"));
            Assert.Equal((FailureKind.Invalid, "InvalidCursor", "after"), (failure.Kind, failure.Code, failure.Target));
        }

        var pinned = await _bed.Reads.PinAsync(Mart, new TableVersionRequest(), Token);
        Assert.Equal(FailureKind.Gone, Assert.Throws<TerminalException>(() => cursor.Check(pinned)).Kind);
    }

    [Fact]
    public async Task A_crawl_whose_mart_is_defined_anew_meanwhile_begins_again_instead_of_missing_rows()
    {
        var pinned = await _bed.Reads.PinAsync(Mart, new TableVersionRequest(), Token);
        var query = Parser.Parse(pinned.Columns, new QueryText());
        var (_, next) = await ReadAsync(pinned, query, new ReadOptions { PageSize = 3 });
        var place = RowCursor.Read(new RowCursor(1, "id", next!).Write("q"), "q", "after").Position;
        var anew = pinned with
        {
            Table = Mart with
            {
                Key = ["day", "origin"],
                Mart = Mart.Mart! with { Dimensions = [.. Mart.Mart.Dimensions.SkipLast(1)], Measures = [.. Mart.Mart.Measures, new MeasureDefinition("flights", MeasureType.Count)] },
            },
        };

        var failure = await Assert.ThrowsAsync<TerminalException>(() => ReadAsync(anew, query, new ReadOptions { PageSize = 3, After = place }));
        Assert.Equal((FailureKind.Gone, "TableVersionGone"), (failure.Kind, failure.Code));
        foreach (var damaged in (RowPosition[])[place with { Keys = ["a"], Order = null }, place with { Keys = null, Offset = -1 }, place with { Left = -1 }])
        {
            failure = await Assert.ThrowsAsync<TerminalException>(() => ReadAsync(pinned, query, new ReadOptions { PageSize = 3, After = damaged }));
            Assert.Equal((FailureKind.Invalid, "InvalidCursor"), (failure.Kind, failure.Code));
        }
    }

    private async Task<(List<string> Rows, RowPosition? Next)> ReadAsync(PinnedTable pinned, TableQuery query, ReadOptions options)
    {
        await using var rows = await _bed.Reads.OpenAsync(pinned, query, options, Token);
        List<string> read = [];
        while (rows.Read())
            read.Add(string.Join('|', rows.Columns.Select((column, ordinal) => rows.Reader.IsDBNull(ordinal) ? "null" : column.Type == "binary" ? "" : $"{rows.Reader.GetValue(ordinal)}")));
        return (read, rows.Next);
    }
}
