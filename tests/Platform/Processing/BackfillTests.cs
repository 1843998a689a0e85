using System.Text;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Processing.Backfills;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class BackfillTests
{
    private const string Merge = """{ "name": "m", "target": "fact", "mode": "merge", "key": ["id"], "sql": "SELECT id, max(n) AS n FROM new.flights GROUP BY id" }""";
    private const string ByTwo = """{ "source": "flights", "sliceBy": 2 }""";

    private static readonly TableName Fact = new(TableKind.Warehouse, "fact");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slices_are_read_one_after_another_in_the_order_of_the_versions_and_each_row_once()
    {
        await using var bed = await BedAsync("""{ "name": "s", "target": "fact", "sql": "SELECT * FROM new.flights" }""");

        var plan = await bed.Get<BackfillStart>().PlanAsync("p", Bytes(ByTwo), Token);
        var backfill = await CreateAsync(bed, ByTwo);
        var sizes = await DriveAsync(bed, backfill.Id, times: 2);

        Assert.Equal([(-1L, 1L, 20L), (1, 3, 20), (3, 4, 10)], plan.Slices.Select(slice => (slice.After, slice.UpTo, slice.Rows)));
        Assert.Equal(50, plan.Rows);
        Assert.Equal([20L, 20, 10], sizes);
        var ended = await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token);
        Assert.Equal((RunStatus.Succeeded, 3, 50L), (ended.Status, ended.SlicesDone, ended.RowsDone));
        Assert.Equal(["50|50|1225"], await bed.QueryAsync("SELECT count(*), count(DISTINCT id), sum(id) FROM fact", Fact));
        Assert.Equal(RunStatus.Skipped, (await bed.RunAsync("p")).Steps[0].Status);
        var page = await bed.Get<RunSearch>().FindAsync(new RunFilter(Cause: RunCause.Backfill), after: null, top: 10, Token);
        Assert.Equal(3, page.Runs.Count);
    }

    [Fact]
    public async Task Newer_rows_stay_over_older_ones_and_a_run_in_between_does_no_harm()
    {
        await using var bed = await BedAsync(Merge);
        for (var i = 0; i < 3; i++)
            await bed.LoadAsync("flights", $"SELECT range AS id, {100 + i} AS n FROM range(50)");
        var backfill = await CreateAsync(bed, ByTwo);
        var first = Assert.Single(await bed.Get<BackfillDriver>().AdvanceAsync(backfill.Id, Token));
        await bed.ExecuteAsync(first.Id);
        await bed.RunAsync("p");

        await DriveAsync(bed, backfill.Id);

        Assert.Equal(RunStatus.Succeeded, (await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token)).Status);
        Assert.Equal(["50|102|102"], await bed.QueryAsync("SELECT count(*), min(n), max(n) FROM fact", Fact));
    }

    [Theory]
    [InlineData("""{ "source": "flights", "sliceBy": 2, "from": 0 }""", "BackfillRangeRead")]
    [InlineData("""{ "source": "flights", "sliceBy": 2, "to": 3 }""", "BackfillRangeRead")]
    [InlineData("""{ "source": "flights", "sliceBy": 2, "to": "2001-01-01T00:00:00Z" }""", "BackfillRangeRead")]
    [InlineData("""{ "source": "flights", "sliceBy": 2, "from": 6 }""", "BackfillRangeGap")]
    [InlineData("""{ "source": "airports", "sliceBy": 2 }""", "InvalidBackfill")]
    [InlineData("""{ "source": "flights", "sliceBy": "P1M" }""", "InvalidBackfill")]
    [InlineData("""{ "source": "flights", "sliceBy": 0 }""", "InvalidBackfill")]
    [InlineData("""{ "source": "flights", "sliceBy": 1, "parallelism": 0 }""", "InvalidBackfill")]
    [InlineData("""{ "source": "flights", "sliceBy": 1, "parallelism": 1.5 }""", "InvalidBackfill")]
    [InlineData("""{ "source": "flights", "sliceBy": 1, "parallelism": 9 }""", "InvalidBackfill")]
    [InlineData("""{ "source": "flights", "sliceBy": 1, "until": 5 }""", "InvalidBackfill")]
    public async Task Ranges_that_would_double_or_lose_rows_are_refused(string document, string code)
    {
        await using var bed = await BedAsync(Merge);
        await bed.RunAsync("p");
        await bed.LoadAsync("flights", "SELECT range AS id, 1 AS n FROM range(1, 2)");
        await bed.LoadAsync("flights", "SELECT range AS id, 1 AS n FROM range(2, 3)");

        Assert.Equal(code, (await Assert.ThrowsAsync<TerminalException>(() => bed.Get<BackfillStart>().PlanAsync("p", Bytes(document), Token))).Code);
        Assert.Equal(2, (await bed.Get<BackfillStart>().PlanAsync("p", Bytes("""{ "source": "flights", "sliceBy": "P1D", "from": 5, "to": 9 }"""), Token)).Rows);
    }

    [Fact]
    public async Task Canceling_keeps_the_slices_done_and_another_backfill_goes_on_behind_them()
    {
        await using var bed = await BedAsync(Merge);
        var backfill = await CreateAsync(bed, ByTwo);
        await bed.ExecuteAsync(Assert.Single(await bed.Get<BackfillDriver>().AdvanceAsync(backfill.Id, Token)).Id);
        var second = Assert.Single(await bed.Get<BackfillDriver>().AdvanceAsync(backfill.Id, Token));
        await bed.Activities.BeginAsync(second.Id, Token);

        await bed.Get<BackfillDriver>().CancelAsync(backfill.Id, "bob", Token);
        await bed.Get<BackfillDriver>().CancelAsync(backfill.Id, "carl", Token);
        Assert.Empty(await bed.Get<BackfillDriver>().AdvanceAsync(backfill.Id, Token));
        await bed.ExecuteAsync(second.Id);
        await DriveAsync(bed, backfill.Id);

        var ended = await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token);
        Assert.Equal((RunStatus.Canceled, 1, 20L), (ended.Status, ended.SlicesDone, ended.RowsDone));
        Assert.Equal(["20"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
        await DriveAsync(bed, (await CreateAsync(bed, ByTwo)).Id);
        Assert.Equal(["50"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    [Fact]
    public async Task A_slice_that_fails_ends_the_backfill_and_a_key_stands_for_one_document()
    {
        await using var bed = await BedAsync("""{ "name": "s", "target": "fact", "sql": "SELECT CAST(CASE WHEN id > 25 THEN 'x' ELSE '1' END AS INTEGER) AS n FROM new.flights" }""");
        var backfill = await CreateAsync(bed, ByTwo, "k");
        await DriveAsync(bed, backfill.Id);

        var ended = await bed.Get<BackfillStore>().GetAsync(backfill.Id, Token);
        var reused = await Assert.ThrowsAsync<TerminalException>(() => CreateAsync(bed, """{ "source": "flights", "sliceBy": 1 }""", "k"));

        Assert.Equal((RunStatus.Failed, "SqlError", 1), (ended.Status, ended.Error!.Code, ended.SlicesDone));
        Assert.Equal((backfill.Id, "IdempotencyKeyReused"), ((await CreateAsync(bed, ByTwo, "k")).Id, reused.Code));
        Assert.Equal(["20"], await bed.QueryAsync("SELECT count(*) FROM fact", Fact));
    }

    private static async Task<PipelineBed> BedAsync(string step)
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("flights", """{"name": "id", "type": "int64"}, {"name": "n", "type": "int64"}""");
        await bed.PutDatasetAsync("airports", """{"name": "iata", "type": "string"}""");
        for (var i = 0; i < 5; i++)
            await bed.LoadAsync("flights", $"SELECT range AS id, {i} AS n FROM range({i * 10}, {(i + 1) * 10})");
        await bed.PutPipelineAsync("p", step);
        return bed;
    }

    private static ReadOnlyMemory<byte> Bytes(string document) => Encoding.UTF8.GetBytes(document);

    private static Task<Backfill> CreateAsync(PipelineBed bed, string document, string? key = null) =>
        bed.Get<BackfillStart>().CreateAsync("p", Bytes(document), "ann", key, Token);

    /// <summary>Does what settlement and timer do until nothing is left.</summary>
    /// <returns>Rows of each slice's first step.</returns>
    private static async Task<IReadOnlyList<long?>> DriveAsync(PipelineBed bed, string id, int times = 1)
    {
        List<long?> rows = [];
        while (await bed.Get<BackfillDriver>().AdvanceAsync(id, Token) is [var run])
        {
            Assert.Empty(await bed.Get<BackfillDriver>().AdvanceAsync(id, Token));
            await bed.ExecuteAsync(run.Id, times);
            rows.Add((await bed.Runs.GetAsync(run.Id, Token)).Steps[0].RowsIn);
        }

        return rows;
    }
}
