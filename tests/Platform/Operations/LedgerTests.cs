using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Lake;
using DataPlatform.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Platform.Tests.Operations;

public sealed class LedgerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_received_stays_accounted_for_when_the_dataset_is_deleted()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await bed.PostAsync("things", "nothing,known\n1,2\n3,4\n");
        await bed.Services.GetRequiredService<CatalogStore>().DeleteAsync<DatasetDefinition>("things", etag: null, Token);

        var ledger = await bed.Ledger.GetAsync("things", Token);

        Assert.Equal((true, 2), (ledger.Balanced, ledger.Totals.Received));
        await bed.AssertBalancedAsync("things");
    }

    [Theory]
    [InlineData("never")]
    [InlineData("../never")]
    public async Task A_dataset_that_never_was_is_not_found(string name)
    {
        await using var bed = new BatchBed();
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Ledger.GetAsync(name, Token));
        Assert.Equal("DatasetNotFound", failure.Code);
    }

    [Fact]
    public async Task Batches_are_in_the_hour_and_day_they_started_in()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await PostAtAsync(bed, Noon.AddMinutes(59), "id\n1\nx\n");
        await PostAtAsync(bed, Noon.AddHours(1), "id\n2\n");
        await PostAtAsync(bed, Noon.AddHours(13), "id\n3\n");
        await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", [1, 2, 3], "application/vnd.apache.parquet"));

        var hours = await bed.Ledger.GetAsync("things", LedgerRange.All, LedgerPeriod.Hour, Token);
        var days = await bed.Ledger.GetAsync("things", LedgerRange.All, LedgerPeriod.Day, Token);
        var part = await bed.Ledger.GetAsync("things", new LedgerRange(Noon.AddMinutes(30), Noon.AddHours(1)), LedgerPeriod.Hour, Token);
        var other = await bed.Ledger.GetAsync("things", new LedgerRange(To: Noon.AddMinutes(59)), LedgerPeriod.None, Token);

        Assert.Equal(["12:00 1/2/1/1/0", "13:00 1/1/1/0/0", "01:00 1/1/1/0/1"], hours.Buckets!.Select(bucket => $"{bucket.From:HH:mm} {Text(bucket.Totals, bucket.Rejected)}"));
        Assert.Equal(["03-01 2/3/2/1/0", "03-02 1/1/1/0/1"], days.Buckets!.Select(bucket => $"{bucket.From:MM-dd} {Text(bucket.Totals, bucket.Rejected)}"));
        Assert.Equal("3/4/3/1/1", Text(hours.Totals, hours.Rejected));
        Assert.Equal(new Dictionary<string, long> { ["batch"] = 3 }, hours.Services);
        Assert.Equal((Noon.AddMinutes(30), Noon.AddHours(1)), (part.Buckets![0].From, part.Buckets[0].To));
        Assert.Equal(
            "/api/v1/receipts?dataset=things&from=2026-03-01T12:30:00Z&to=2026-03-01T13:00:00Z", Assert.Single(part.Buckets).Receipts);
        Assert.Equal((0, null), (other.Totals.Batches, other.Buckets));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", LedgerPeriod.Hour, "by=day")]
    [InlineData("2024-01-01T00:00:00Z", "2026-03-01T00:00:00Z", LedgerPeriod.Day, "by=none")]
    [InlineData("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", LedgerPeriod.None, "'to'")]
    public async Task Ranges_that_make_no_sense_or_too_many_parts_are_refused(string from, string to, LedgerPeriod by, string hint)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var range = new LedgerRange(DateTimeOffset.Parse(from, null), DateTimeOffset.Parse(to, null));

        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Ledger.GetAsync("things", range, by, Token));

        Assert.Equal("InvalidQueryOption", failure.Code);
        Assert.Contains(hint, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LedgerPeriod.Hour)]
    [InlineData(LedgerPeriod.Day)]
    public async Task The_beginning_of_time_can_be_asked_for(LedgerPeriod by)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");

        var report = await bed.Ledger.GetAsync("things", new LedgerRange(To: DateTimeOffset.MinValue.AddHours(1)), by, Token);

        Assert.Equal(DateTimeOffset.MinValue, report.From);
        Assert.Empty(report.Buckets!);
    }

    [Fact]
    public async Task The_parts_add_up_to_the_whole_whatever_came_when()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await bed.PostAsync("things", "id\n1\n");
        var random = new Random(20260301);
        for (var i = 0; i < 400; i++)
        {
            var started = Noon.AddSeconds(random.Next(0, 6 * 86400));
            int loaded = random.Next(100), quarantined = random.Next(10), duplicate = random.Next(5), discarded = random.Next(3);
            var id = BatchId.Create("things", started);
            await bed.Rows.UpsertAsync(Ledger.RowTable, new RowKey("things", id), new LedgerEntry(
                0, loaded + quarantined + duplicate + discarded, loaded, quarantined, duplicate, discarded, random.Next(1000), started,
                random.Next(2) == 0 ? "batch" : "realtime"), Token);
            if (quarantined > 0)
                await bed.Rows.UpsertAsync(Ledger.RowTable, new RowKey(Ledger.TakenOf("things"), id), new TakenFromQuarantine(quarantined / 2, random.Next(quarantined / 2)), Token);
        }

        bed.Clock.SetUtcNow(Noon.AddDays(7));
        var whole = await bed.Ledger.GetAsync("things", Token);
        Assert.True(whole.Balanced);
        Assert.Equal(whole.Totals.Quarantined, whole.Totals.Open + whole.Totals.Replayed + whole.Totals.Dismissed);
        Assert.True(whole.Totals is { Replayed: > 0, Dismissed: > 0, Open: > 0 });
        foreach (var (from, days) in new[] { (0.0, 7.0), (0.3, 2.7), (5.5, 9.0), (1.01, 1.02) })
        {
            var range = new LedgerRange(Noon.AddDays(from - 0.5), Noon.AddDays(days));
            var flat = await bed.Ledger.GetAsync("things", range, LedgerPeriod.None, Token);
            foreach (var by in new[] { LedgerPeriod.Hour, LedgerPeriod.Day })
            {
                var divided = await bed.Ledger.GetAsync("things", range, by, Token);
                Assert.Equal(flat.Totals, divided.Totals);
                Assert.Equal(flat.Totals, divided.Buckets!.Aggregate(new LedgerTotals(), static (sum, bucket) => Plus(sum, bucket.Totals)));
                Assert.Equal(flat.Totals.Batches, divided.Buckets!.Sum(bucket => bucket.Services.Values.Sum()));
                Assert.Equal(divided.Buckets!.OrderBy(bucket => bucket.From), divided.Buckets!);
            }

            var before = await bed.Ledger.GetAsync("things", new LedgerRange(To: range.From), LedgerPeriod.None, Token);
            var behind = await bed.Ledger.GetAsync("things", new LedgerRange(range.To), LedgerPeriod.None, Token);
            Assert.Equal(whole.Totals, Plus(Plus(before.Totals, flat.Totals), behind.Totals));
        }
    }

    [Fact]
    public async Task What_left_the_quarantine_is_told_where_it_came_in()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "name", "type": "string"} ] }""");
        await PostAtAsync(bed, Noon, "id,name\n1,a\nx,b\n,c\n,d\n");
        bed.Clock.SetUtcNow(Noon.AddHours(5));
        await bed.ReplayAsync("""{"patch": {"defaults": {"id": 7}}}""");
        await bed.DismissAsync("""{"reason": "test data"}""");

        var ledger = await bed.Ledger.GetAsync("things", LedgerRange.All, LedgerPeriod.Hour, Token);
        var proof = await bed.ProveAsync("things", isDeep: true);

        Assert.Equal(["12:00 3=0+2+1", "17:00 0=0+0+0"], ledger.Buckets!.Select(bucket =>
            $"{bucket.From:HH:mm} {bucket.Totals.Quarantined}={bucket.Totals.Open}+{bucket.Totals.Replayed}+{bucket.Totals.Dismissed}"));
        Assert.Equal((6, 3, 3), (ledger.Totals.Received, ledger.Totals.Loaded, ledger.Totals.Quarantined));
        Assert.Empty(proof.Checks.SelectMany(check => check.Differences));
        Assert.Equal((true, ledger.Totals), (proof.Proven, proof.Totals));
    }

    [Fact]
    public async Task All_datasets_are_listed_page_by_page()
    {
        await using var bed = new BatchBed();
        foreach (var name in new[] { "a", "b", "c" })
        {
            await bed.DefineAsync(name);
            await bed.PostAsync(name, "id\n1\n");
        }

        var first = await bed.Ledger.ListAsync(LedgerRange.All, after: null, top: 2, Token);
        var second = await bed.Ledger.ListAsync(LedgerRange.All, first.Next, top: 2, Token);

        Assert.Equal(["a", "b"], first.Ledgers.Select(ledger => ledger.Dataset));
        Assert.Equal(("c", 1L, null), (Assert.Single(second.Ledgers).Dataset, second.Ledgers[0].Totals.Loaded, second.Next));
    }

    [Fact]
    public async Task Receipts_are_listed_newest_first_by_state_service_and_time()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        List<string> ids = [];
        for (var i = 0; i < 7; i++)
            ids.Add((await PostAtAsync(bed, Noon.AddDays(i * i), $"id\n{i}\n")).Id);
        bed.Clock.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", [1, 2, 3], "application/vnd.apache.parquet"));
        bed.Clock.Advance(TimeSpan.FromHours(1));
        var claim = (await new ClaimStore(bed.Rows, bed.Receipts, bed.Clock, TimeSpan.FromSeconds(30))
            .ClaimAsync("things", "tester", "k", 1, -1, Token, "realtime")).Claim!.Value;
        ids.Reverse();

        var committed = await AllAsync(bed, new ReceiptFilter("things", LedgerRange.All, ReceiptState.Committed), top: 3);
        var week = await AllAsync(bed, new ReceiptFilter("things", new LedgerRange(Noon.AddDays(1), Noon.AddDays(9)), ReceiptState.Committed), top: 3);
        var all = await AllAsync(bed, new ReceiptFilter("things", LedgerRange.All), top: 2);
        var working = await AllAsync(bed, new ReceiptFilter("things", LedgerRange.All, Service: "realtime"), top: 2);
        var rejected = await AllAsync(bed, new ReceiptFilter("things", LedgerRange.All, ReceiptState.Rejected), top: 2);

        Assert.Equal(ids, committed.Select(receipt => receipt.Id));
        Assert.Equal(ids[4..6], week.Select(receipt => receipt.Id));
        Assert.Equal([claim.Id, Assert.Single(rejected).Id, .. ids], all.Select(receipt => receipt.Id));
        Assert.Equal((claim.Id, ReceiptState.InProgress), (Assert.Single(working).Id, working[0].State));
    }

    [Fact]
    public async Task A_cursor_that_is_none_is_refused()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.Services.GetRequiredService<ReceiptLists>()
            .ListAsync(new ReceiptFilter("things", LedgerRange.All), "other-019a00000000", 2, Token));
        Assert.Equal(("InvalidQueryOption", "after"), (failure.Code, failure.Target));
    }

    private static async Task<Receipt> PostAtAsync(BatchBed bed, DateTimeOffset time, string csv)
    {
        bed.Clock.SetUtcNow(time);
        return await bed.PostAsync("things", csv);
    }

    private static async Task<List<Receipt>> AllAsync(BatchBed bed, ReceiptFilter filter, int top)
    {
        List<Receipt> all = [];
        string? before = null;
        do
        {
            var page = await bed.Services.GetRequiredService<ReceiptLists>().ListAsync(filter, before, top, Token);
            Assert.True(page.Receipts.Count <= top);
            all.AddRange(page.Receipts);
            before = page.Next;
        }
        while (before is not null);
        return all;
    }

    private static LedgerTotals Plus(LedgerTotals a, LedgerTotals b) => new(
        a.Batches + b.Batches, a.Received + b.Received, a.Loaded + b.Loaded, a.Quarantined + b.Quarantined, a.Duplicate + b.Duplicate,
        a.Discarded + b.Discarded, a.Bytes + b.Bytes, a.Replayed + b.Replayed, a.Dismissed + b.Dismissed);

    private static string Text(LedgerTotals totals, long rejected) =>
        $"{totals.Batches}/{totals.Received}/{totals.Loaded}/{totals.Quarantined}/{rejected}";
}
