using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Serving;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Serving.TableReading;

public sealed class TableReadsTests : IAsyncLifetime
{
    private static readonly QueryParser Parser = new(QueryLimits.Default);

    private readonly ServingBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Four files of ten numbers; the last has nothing but nulls in <c>s</c>.</summary>
    public async ValueTask InitializeAsync()
    {
        for (var file = 0; file < 4; file++)
        {
            await _bed.WriteAsync(
                $"""
                SELECT n::INTEGER AS n, {(file == 3 ? "NULL::VARCHAR" : "'s' || n")} AS s, n::DOUBLE AS x, DATE '2001-01-01' + n::INTEGER AS d,
                    TIMESTAMP '2001-01-01' + to_days(n::INTEGER) AS t, n::DECIMAL(10,2) AS m
                FROM range({file * 10}, {(file + 1) * 10}) AS numbers(n)
                """,
                append: file > 0);
        }
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(null, 4)]
    [InlineData("n eq 15", 1)]
    [InlineData("n lt 10", 1)]
    [InlineData("n le 10", 2)]
    [InlineData("20 lt n", 2)]
    [InlineData("n ge 10 and n lt 20.5", 2)]
    [InlineData("n eq 5 or n eq 35", 2)]
    [InlineData("n in (5, 6, 25)", 2)]
    [InlineData("n gt 1000", 0)]
    [InlineData("n lt 9e0", 1)]
    [InlineData("not (n lt 10)", 4)]
    [InlineData("n add 1 lt 10", 4)]
    [InlineData("s eq null", 1)]
    [InlineData("s ne null", 3)]
    [InlineData("s ge 's2'", 2)]
    [InlineData("s lt 's1'", 1)]
    [InlineData("x gt 100", 4)]
    [InlineData("m gt 100", 0)]
    [InlineData("d eq 2001-01-12", 1)]
    [InlineData("t ge 2001-01-11 and t lt 2001-01-12", 1)]
    [InlineData("t lt 2001-01-11T00:00:00Z", 1)]
    public async Task Only_files_that_may_hold_rows_are_opened(string? filter, int files)
    {
        var pinned = await _bed.Reads.PinAsync(ServingBed.Table, new TableVersionRequest(), Token);
        var query = Parser.Parse(pinned.Columns, new QueryText(Select: "n", Filter: filter, Count: "true"));

        await using var rows = await _bed.Reads.OpenAsync(pinned, query, ReadOptions.All, Token);

        Assert.Equal(files, rows.Files);
        Assert.Equal(await CountAsync(filter), rows.Count);
    }

    /// <summary>Other writers tell 32-bit numbers by as few digits as tell them apart, which is another number in 64 bits.</summary>
    [Theory]
    [InlineData("f eq 0.7", 1)]
    [InlineData("f le 0.7", 1)]
    [InlineData("f lt 0.7", 0)]
    [InlineData("f lt 0.6", 0)]
    public void The_least_of_32_bit_numbers_is_that_of_32_bits(string filter, int files)
    {
        var column = new TableColumn("f", "float");
        var statistics = new FileStatistics(1, Bounds(), Bounds(), new Dictionary<string, long> { ["f"] = 0 });
        var file = new DataFile("a.parquet", 100, new Dictionary<string, string?>(), ModificationTime: 0, statistics);
        var snapshot = new Snapshot(ServingBed.Table.Name, "id", 0, DateTimeOffset.UnixEpoch, [column], [], new List<DataFile> { file }, new Dictionary<string, long>());

        Assert.Equal(files, FileChoice.Choose(snapshot, [Parser.Parse([column], new QueryText(Filter: filter)).Filter]).Count);

        static Dictionary<string, JsonElement> Bounds() => new() { ["f"] = JsonSerializer.SerializeToElement(0.7) };
    }

    [Fact]
    public async Task Files_that_cannot_hold_rows_need_not_even_be_there()
    {
        var pinned = await _bed.Reads.PinAsync(ServingBed.Table, new TableVersionRequest(), Token);
        _bed.DeleteFile(pinned.Snapshot.Files[0]);

        var near = Parser.Parse(pinned.Columns, new QueryText(Filter: "n ge 10"));
        await using (var rows = await _bed.Reads.OpenAsync(pinned, near, ReadOptions.All, Token))
            Assert.Equal(30, Count(rows));

        var gone = await Assert.ThrowsAsync<TerminalException>(
            async () => await _bed.Reads.OpenAsync(pinned, Parser.Parse(pinned.Columns, new QueryText()), ReadOptions.All, Token));
        Assert.Equal((FailureKind.Gone, "TableVersionGone"), (gone.Kind, gone.Code));
    }

    [Fact]
    public async Task Rows_that_a_filter_hides_are_not_there_for_queries_and_counts()
    {
        var pinned = await _bed.Reads.PinAsync(ServingBed.Table, new TableVersionRequest(), Token);
        var visible = Parser.Parse(pinned.Columns, new QueryText(Filter: "n lt 12 and s ne 's3'")).Filter!;
        var options = new ReadOptions { Filter = new RowFilter(visible, "mine") };
        var query = Parser.Parse(pinned.Columns, new QueryText(Select: "n", Filter: "n ge 3", OrderBy: "n desc", Count: "true"));

        await using var rows = await _bed.Reads.OpenAsync(pinned, query, options, Token);

        Assert.Equal((2, 8L), (rows.Files, rows.Count));
        List<int> read = [];
        while (rows.Read())
            read.Add(rows.Reader.GetInt32(0));
        Assert.Equal([11, 10, 9, 8, 7, 6, 5, 4], read);
        Assert.Equal(11, await _bed.Reads.CountAsync(pinned, query with { Filter = null }, options.Filter, Token));
        Assert.NotEqual(pinned.ETag("rows", "q"), pinned.ETag("rows", "q", options.Filter));
        Assert.NotEqual(pinned.ETag("rows", "q", options.Filter with { Text = "yours" }), pinned.ETag("rows", "q", options.Filter));
    }

    [Fact]
    public async Task Pages_say_whether_more_rows_follow()
    {
        var pinned = await _bed.Reads.PinAsync(ServingBed.Table, new TableVersionRequest(), Token);
        var query = Parser.Parse(pinned.Columns, new QueryText());

        foreach (var (size, top, read, more) in new (int, long?, int, bool)[] { (39, null, 39, true), (40, null, 40, false), (10, 11, 10, true), (10, 10, 10, false), (10, 5, 5, false) })
        {
            await using var rows = await _bed.Reads.OpenAsync(
                ServingBed.Table, new TableVersionRequest(pinned.Snapshot.Version), query with { Top = top }, new ReadOptions { PageSize = size }, Token);
            Assert.Equal((read, more), (Count(rows), rows.Next is not null));
        }
    }

    [Fact]
    public async Task Connections_serve_on_after_failures_cancellations_and_answers_that_nobody_read()
    {
        var pinned = await _bed.Reads.PinAsync(ServingBed.Table, new TableVersionRequest(), Token);
        for (var round = 0; round < 3; round++)
        {
            var wrong = Parser.Parse(pinned.Columns, new QueryText(Filter: "n mul 9223372036854775807 gt 1"));
            await Assert.ThrowsAsync<TerminalException>(async () =>
            {
                await using var failing = await _bed.Reads.OpenAsync(pinned, wrong, ReadOptions.All, Token);
                Count(failing);
            });
            using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Token))
            {
                await using var stopped = await _bed.Reads.OpenAsync(pinned, Parser.Parse(pinned.Columns, new QueryText()), ReadOptions.All, stop.Token);
                Assert.True(stopped.Read());
                await stop.CancelAsync();
                Assert.ThrowsAny<OperationCanceledException>(() => stopped.Read());
            }

            await using (await _bed.Reads.OpenAsync(pinned, Parser.Parse(pinned.Columns, new QueryText()), ReadOptions.All, Token))
            {
            }

            await using var rows = await _bed.Reads.OpenAsync(pinned, Parser.Parse(pinned.Columns, new QueryText(Count: "true")), ReadOptions.All, Token);
            Assert.Equal((40, 40L), (Count(rows), rows.Count));
        }
    }

    private static int Count(TableRows rows)
    {
        var count = 0;
        while (rows.Read())
            count++;
        return count;
    }

    /// <summary>The number of rows when no file is left out: behind "not not", nothing is known of the filter.</summary>
    private async Task<long> CountAsync(string? filter)
    {
        var pinned = await _bed.Reads.PinAsync(ServingBed.Table, new TableVersionRequest(), Token);
        var query = Parser.Parse(pinned.Columns, new QueryText(Filter: filter is null ? null : $"not (not ({filter}))"));
        return await _bed.Reads.CountAsync(pinned, query, filter: null, Token);
    }
}
