using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion;

public sealed class BatchServiceTests
{
    private static readonly TimeSpan Lease = new PlatformOptions().ClaimLease;

    private const string Rows = "id,name,amount,at\n1,a,1.5,2026-01-01T00:00:00Z\nx,b,2,2026-01-01T00:00:00Z\n3,c,-1,2026-01-02T00:00:00Z\n4,,,\n";

    [Fact]
    public async Task A_batch_is_loaded_counted_and_told()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var receipt = await bed.PostAsync("things", Rows);

        Assert.Equal(ReceiptState.Committed, receipt.State);
        Assert.Equal((4, 2, 2, 0, 0), (receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.Duplicate, receipt.Discarded));
        Assert.Equal(Rows.Length, receipt.Bytes);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Rows))), receipt.Sha256);
        Assert.Equal(0, receipt.TableVersion);
        Assert.Equivalent(receipt, await bed.Batches.GetReceiptAsync(receipt.Id, default));
        Assert.Equal(
            ["1|a|1.5|1767225600000000|1|1772366400000000", "4|NULL|NULL|NULL|4|1772366400000000"],
            await bed.QueryAsync("things", "SELECT id, name, amount, epoch_us(\"at\"), _row, epoch_us(_ingested_at) FROM t ORDER BY id"));
        Assert.Equal([receipt.Id], await bed.QueryAsync("things", "SELECT DISTINCT _batch FROM t"));

        await using var raw = await bed.Objects.OpenReadAsync(LakePath.Parse(receipt.Raw!), null, default);
        using var text = new StreamReader(raw);
        Assert.Equal(Rows, await text.ReadToEndAsync());
        Assert.StartsWith("lake/raw/things/2026/03/01/" + receipt.Id, receipt.Raw, StringComparison.Ordinal);
        Assert.Equal(["2", "3"], (await bed.QuarantineAsync(receipt)).Select(row => row["row"]!.ToString()));
        Assert.Empty(await ClaimsAsync(bed));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task File_statistics_tell_what_is_in_the_files()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await bed.PostAsync("things", $"id,name,amount,at\n7,{new string('z', 50)},2.5,2026-01-01T00:00:00.000123Z\n-3,a,,\n");
        var statistics = Assert.Single((await bed.SnapshotAsync("things")).Files).Statistics!;
        Assert.Equal(2, statistics.Rows);
        Assert.Equal((-3, 7), (statistics.Minimum["id"].GetInt64(), statistics.Maximum["id"].GetInt64()));
        Assert.Equal(new string('z', 31) + "{", statistics.Maximum["name"].GetString());
        Assert.Equal("a", statistics.Minimum["name"].GetString());
        Assert.Equal("2026-01-01T00:00:00.000123Z", statistics.Maximum["at"].GetString());
        Assert.Equal((0, 0, 1, 1, 0), (statistics.NullCount["id"], statistics.NullCount["name"], statistics.NullCount["amount"], statistics.NullCount["at"], statistics.NullCount["_row"]));
    }

    [Fact]
    public async Task A_batch_without_good_rows_commits_too()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var broken = await bed.PostAsync("things", "id,name,amount,at\nx,,,\n");
        var empty = await bed.PostAsync("things", "id,name,amount,at\n");
        Assert.Equal((0L, 1L), (broken.TableVersion, empty.TableVersion));
        Assert.Equal((1, 0, 1), (broken.Received, broken.Loaded, broken.Quarantined));
        Assert.Null(empty.Quarantine);
        Assert.Empty(await bed.QuarantineAsync(empty));
        await bed.AssertBalancedAsync("things");
    }

    [Theory]
    [InlineData("application/x-ndjson", "{\"id\":1}\n{\"id\":2,\"name\":\"ü\"}\n")]
    [InlineData("text/csv; charset=utf-8", "id,name\n1,\n2,ü\n")]
    public async Task Bodies_may_be_compressed_in_several_members(string type, string body)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var bytes = Encoding.UTF8.GetBytes(body);
        byte[] members = [.. BatchBed.Gzip(bytes[..9]), .. BatchBed.Gzip([]), .. BatchBed.Gzip(bytes[9..])];
        var receipt = await bed.PostAsync("things", members, type, encoding: "gzip");
        Assert.Equal((2, members.Length), (receipt.Loaded, receipt.Bytes));
        Assert.Equal(["1|NULL", "2|ü"], await bed.QueryAsync("things", "SELECT id, name FROM t ORDER BY id"));
        Assert.EndsWith(".gz", receipt.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_envelope_rejects_the_batch_whole()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var whole = BatchBed.Gzip(Encoding.UTF8.GetBytes(Rows));
        byte[][] damaged =
        [
            [], whole[..4], whole[..^1], whole[..^8], whole[..^12], whole[..(whole.Length / 2)], [.. whole, 1, 2, 3], [.. whole, .. whole[..15]],
            [.. Encoding.UTF8.GetBytes(Rows)], Flip(whole, whole.Length - 6), Flip(whole, whole.Length - 2), Flip(whole, 25),
        ];
        foreach (var body in damaged)
        {
            var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", body, encoding: "gzip"));
            Assert.Equal((FailureKind.Invalid, "UnreadableFile"), (failure.Kind, failure.Code));
            Assert.Contains("byte", failure.Target, StringComparison.Ordinal);
        }

        Assert.Null(await bed.Table("things").TryGetSnapshotAsync(null, default));
        await bed.AssertBalancedAsync("things");
        Assert.Empty(await ClaimsAsync(bed));
    }

    [Fact]
    public async Task A_compressed_bomb_is_refused()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { MaxUnfoldedBytes = 1 << 20 });
        await bed.DefineAsync("things");
        var failure = await Assert.ThrowsAsync<TerminalException>(
            () => bed.PostAsync("things", BatchBed.Gzip(Encoding.UTF8.GetBytes("id\n" + new string('\n', 5 << 20))), encoding: "gzip"));
        Assert.Equal(FailureKind.TooLarge, failure.Kind);
    }

    [Fact]
    public async Task A_rejected_batch_has_a_receipt_and_counts_nowhere()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", "id,id\n1,2\n", key: "k"));
        Assert.Equal("UnreadableFile", failure.Code);
        var receipt = Assert.Single(await ReceiptsAsync(bed));
        Assert.Equal((ReceiptState.Rejected, "UnreadableFile", 0), (receipt.State, receipt.Error!.Code, receipt.Received));
        Assert.Equal($"/api/v1/receipts/{receipt.Id}", failure.Receipt);

        var mended = await bed.PostAsync("things", "id\n1\n", key: "k");
        Assert.Equal((receipt.Id, 2, ReceiptState.Committed), (mended.Id, mended.Attempt, mended.State));
        Assert.Equal(1, (await bed.Ledger.GetAsync("things", default)).Totals.Received);
        await bed.AssertBalancedAsync("things");
    }

    [Theory]
    [InlineData("application/xml", null)]
    [InlineData("text/csv; charset=utf-7", null)]
    [InlineData("nonsense", null)]
    [InlineData(null, null)]
    [InlineData("text/csv", "deflate")]
    [InlineData("text/csv", "gzip, br")]
    public async Task What_is_not_read_is_refused_by_name(string? type, string? encoding)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var failure = await Assert.ThrowsAsync<TerminalException>(
            () => bed.Batches.IngestAsync(new BatchRequest("things", "c", null, type, encoding, Stream.Null), default));
        Assert.Equal(FailureKind.UnsupportedMediaType, failure.Kind);
    }

    [Fact]
    public async Task An_unknown_dataset_is_not_found()
    {
        await using var bed = new BatchBed();
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("nothing", Rows));
        Assert.Equal(FailureKind.NotFound, failure.Kind);
    }

    [Fact]
    public async Task The_same_key_gives_the_same_receipt_and_another_body_is_refused()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var first = await bed.PostAsync("things", Rows, key: "k1");
        var again = await bed.PostAsync("things", Rows, key: "k1");
        Assert.Equivalent(first, again);
        Assert.Equal(0, (await bed.SnapshotAsync("things")).Version);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", Rows + "5,,,\n", key: "k1"));
        Assert.Equal((FailureKind.Unprocessable, "IdempotencyKeyReused"), (failure.Kind, failure.Code));

        var other = await bed.PostAsync("things", Encoding.UTF8.GetBytes(Rows), key: "k1", caller: "somebody");
        Assert.NotEqual(first.Id, other.Id);
        Assert.NotEqual(first.Id, (await bed.PostAsync("things", Rows)).Id);

        bed.Clock.Advance(ClaimStore.KeyLife + TimeSpan.FromSeconds(1));
        Assert.NotEqual(first.Id, (await bed.PostAsync("things", Rows, key: "k1")).Id);
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Of_many_at_once_with_one_key_one_is_loaded()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            try
            {
                return (await bed.PostAsync("things", Rows, key: "one")).Id;
            }
            catch (TerminalException failure)
            {
                Assert.Equal("BatchInProgress", failure.Code);
                Assert.InRange(failure.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
                return null;
            }
        })));
        Assert.Single(outcomes.OfType<string>().Distinct());
        Assert.Equal(0, (await bed.SnapshotAsync("things")).Version);
        Assert.Equal(["2"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_batch_in_progress_says_so()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var body = new GatedStream(Encoding.UTF8.GetBytes(Rows), 20);
        var running = bed.PostAsync("things", body, key: "k");
        await body.Reached;
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", Rows, key: "k"));
        Assert.Equal((FailureKind.Conflict, "BatchInProgress"), (failure.Kind, failure.Code));
        var claim = Assert.Single(await ClaimsAsync(bed));
        Assert.Equal(ReceiptState.InProgress, (await bed.Batches.GetReceiptAsync(claim.Id, default)).State);
        body.Open();
        Assert.Equal(claim.Id, (await running).Id);
    }

    [Fact]
    public async Task A_sender_who_goes_away_may_send_again_at_once()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        using var gone = new CancellationTokenSource();
        var body = new GatedStream(Encoding.UTF8.GetBytes(Rows), 20);
        var running = bed.PostAsync("things", body, key: "k", cancellationToken: gone.Token);
        await body.Reached;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        var receipt = await bed.PostAsync("things", Rows, key: "k");
        Assert.Equal((2, 2), (receipt.Attempt, receipt.Loaded));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_live_attempt_keeps_its_claim_and_a_dead_ones_is_taken_over()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var body = new GatedStream(Encoding.UTF8.GetBytes(Rows), 20);
        var running = bed.PostAsync("things", body, key: "k");
        await body.Reached;
        for (var i = 0; i < 6; i++)
        {
            var before = Assert.Single(await ClaimsAsync(bed)).LeaseExpires;
            bed.Clock.Advance(TimeSpan.FromSeconds(10));
            await Eventually(async () => (await ClaimsAsync(bed))[0].LeaseExpires > before);
        }

        await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", Rows, key: "k"));

        // A lease that ran out without renewal, as of a process that is gone.
        var row = await FirstClaimAsync(bed);
        await bed.Rows.UpsertAsync(ClaimStore.RowTable, row.Key, row.Value with { LeaseExpires = bed.Clock.GetUtcNow() }, default);
        var taken = await bed.PostAsync("things", Rows, key: "k");
        Assert.Equal(2, taken.Attempt);

        // The first attempt wakes up: it finds the batch in the log.
        body.Open();
        var late = await running;
        Assert.Equal((taken.Id, 2, 0L), (late.Id, late.Attempt, late.TableVersion));
        Assert.Equal(["2"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Receipts_name_their_service_before_there_is_a_commit()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        using var stop = new CancellationTokenSource();
        await using var body = new GatedStream(Encoding.UTF8.GetBytes(Rows), 20);
        var running = bed.Batches.IngestAsync(new BatchRequest("things", "tester", null, "text/csv", null, body) { Service = "realtime" }, stop.Token);
        await Eventually(async () => (await ClaimsAsync(bed)).Count == 1);
        var id = (await ClaimsAsync(bed))[0].Id;

        var working = await bed.Batches.GetReceiptAsync(id, default);
        await stop.CancelAsync();
        body.Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        bed.Clock.Advance(Lease * 2);
        await bed.Settlement.SettleAsync(default);
        var abandoned = await bed.Batches.GetReceiptAsync(id, default);

        Assert.Equal((ReceiptState.InProgress, "realtime"), (working.State, working.Service));
        Assert.Equal((ReceiptState.Abandoned, "realtime"), (abandoned.State, abandoned.Service));
        Assert.Equal("/api/v1/datasets/things", abandoned.Links["dataset"]);
    }

    [Fact]
    public async Task The_timer_settles_what_died_before_its_commit()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var claims = new ClaimStore(bed.Rows, bed.Receipts, bed.Clock, Lease);
        var claim = (await claims.ClaimAsync("things", "tester", "k", 1, -1, default)).Claim!.Value;
        await bed.Settlement.SettleAsync(default);
        Assert.Equal(ReceiptState.InProgress, (await bed.Batches.GetReceiptAsync(claim.Id, default)).State);

        bed.Clock.Advance(Lease + TimeSpan.FromSeconds(1));
        await bed.Settlement.SettleAsync(default);
        Assert.Equal(ReceiptState.Abandoned, (await bed.Batches.GetReceiptAsync(claim.Id, default)).State);
        Assert.Empty(await ClaimsAsync(bed));
        await bed.AssertBalancedAsync("things");

        var receipt = await bed.PostAsync("things", Rows, key: "k");
        Assert.Equal((claim.Id, 2, ReceiptState.Committed), (receipt.Id, receipt.Attempt, receipt.State));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task The_timer_finishes_what_died_after_its_commit()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var receipt = await bed.PostAsync("things", Rows, key: "k");

        // As if the process had ended right after the commit: no receipt, no ledger row, no cursor, the claim still there.
        await bed.Rows.TryDeleteAsync(ReceiptStore.RowTable, new RowKey("things", receipt.Id), null, default);
        await bed.Rows.TryDeleteAsync(Ledger.RowTable, new RowKey("things", receipt.Id), null, default);
        await bed.Rows.TryDeleteAsync(DataPlatform.Tables.TableProjector.RowTable, new RowKey("things", ReceiptProjection.Name), null, default);
        var claim = new BatchClaim(receipt.Id, "things", "tester", null, "k", receipt.Started, 1, -1, 1, "o", receipt.Started);
        await bed.Rows.TryInsertAsync(ClaimStore.RowTable, new RowKey("things", "batch." + receipt.Id), claim, default);

        await bed.Settlement.SettleAsync(default);
        Assert.Equivalent(receipt, await bed.Receipts.FindAsync(receipt.Id, default));
        Assert.Empty(await ClaimsAsync(bed));
        Assert.NotNull(await bed.Rows.GetAsync(Ledger.RowTable, new RowKey("things", receipt.Id), default));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_retry_after_a_death_behind_the_commit_finds_the_commit()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var receipt = await bed.PostAsync("things", Rows, key: "k");
        await bed.Rows.TryDeleteAsync(ReceiptStore.RowTable, new RowKey("things", receipt.Id), null, default);
        var claim = new BatchClaim(receipt.Id, "things", "tester", null, "k", receipt.Started, 1, -1, 1, "o", receipt.Started);
        await bed.Rows.TryInsertAsync(ClaimStore.RowTable, new RowKey("things", "batch." + receipt.Id), claim, default);

        await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", "id\n1\n", key: "k"));
        bed.Clock.Advance(Lease);
        var again = await bed.PostAsync("things", Rows, key: "k");
        Assert.Equal((receipt.Id, receipt.TableVersion, 1), (again.Id, again.TableVersion, again.Attempt));
        Assert.Equal(0, (await bed.SnapshotAsync("things")).Version);
    }

    [Fact]
    public async Task A_retry_after_a_death_behind_the_receipt_need_not_wait_for_the_lease()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var receipt = await bed.PostAsync("things", Rows, key: "k");
        var claim = new BatchClaim(receipt.Id, "things", "tester", null, "k", receipt.Started, 1, -1, 1, "o", receipt.Started + Lease);
        await bed.Rows.TryInsertAsync(ClaimStore.RowTable, new RowKey("things", "batch." + receipt.Id), claim, default);
        Assert.Equivalent(receipt, await bed.PostAsync("things", Rows, key: "k"));
    }

    [Fact]
    public async Task Replace_makes_the_batch_the_whole_table()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "writeDisposition": "replace", "fields": [ {"name": "id", "type": "int64"} ] }""");
        await bed.PostAsync("things", "id\n1\n2\n");
        await bed.PostAsync("things", "id\n3\n");
        Assert.Equal(["3"], await bed.QueryAsync("things", "SELECT id FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Theory]
    [InlineData("id\nbroken\n", "1,2", 1)]
    [InlineData("id\n", "", 0)]
    public async Task Replace_with_broken_rows_only_leaves_the_table_and_an_empty_file_empties_it(string csv, string rows, long quarantined)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "writeDisposition": "replace", "fields": [ {"name": "id", "type": "int64"} ] }""");
        await bed.PostAsync("things", "id\n1\n2\n");
        var receipt = await bed.PostAsync("things", csv);
        Assert.Equal((0, quarantined), (receipt.Loaded, receipt.Quarantined));
        Assert.Equal(rows, string.Join(',', await bed.QueryAsync("things", "SELECT id FROM t ORDER BY id")));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Merge_replaces_rows_by_key_and_counts_the_replaced_of_one_batch_as_duplicates()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """
            { "writeDisposition": "merge", "key": ["id"], "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "v", "type": "string"} ] }
            """);
        var first = await bed.PostAsync("things", "id,v\n1,a\n2,b\n1,c\nx,d\n");
        Assert.Equal((4, 2, 1, 1), (first.Received, first.Loaded, first.Quarantined, first.Duplicate));
        var second = await bed.PostAsync("things", "id,v\n2,B\n3,C\n");
        Assert.Equal((2, 0), (second.Loaded, second.Duplicate));
        Assert.Equal(["1|c", "2|B", "3|C"], await bed.QueryAsync("things", "SELECT id, v FROM t ORDER BY id"));

        await bed.PostAsync("things", "id,v\n2,B\n3,C\n");
        Assert.Equal(["3"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task Merges_at_once_all_come_through()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """
            { "writeDisposition": "merge", "key": ["id"], "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "v", "type": "string"} ] }
            """);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => bed.PostAsync("things", $"id,v\n{i},x\n100,{i}\n"))));
        Assert.Equal(["5"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task An_evolving_table_gets_new_columns()
    {
        await using var bed = new BatchBed(IngestionLimits.Default with { BlockRows = 2 });
        await bed.DefineAsync("things", """{ "onUnexpected": "evolve", "fields": [ {"name": "id", "type": "int64"} ] }""");
        await bed.PostAsync("things", "id\n1\n");
        await bed.PostAsync("things",
            Encoding.UTF8.GetBytes("{\"id\":2}\n{\"id\":3}\n{\"id\":4,\"x\":\"new\"}\n{\"id\":5}\n{\"id\":6,\"y\":1}\n"), "application/x-ndjson");
        await bed.PostAsync("things", "id,y\n7,seven\n");
        Assert.Equal(
            ["1|NULL|NULL", "2|NULL|NULL", "3|NULL|NULL", "4|new|NULL", "5|NULL|NULL", "6|NULL|1", "7|NULL|seven"],
            await bed.QueryAsync("things", "SELECT id, x, y FROM t ORDER BY id"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_frozen_contract_refuses_with_409_and_commits_nothing()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """{ "onUnexpected": "freeze", "fields": [ {"name": "id", "type": "int64"} ] }""");
        var failure = await Assert.ThrowsAsync<TerminalException>(
            () => bed.PostAsync("things", Encoding.UTF8.GetBytes("{\"id\":1}\n{\"id\":2,\"z\":1}\n"), "application/x-ndjson"));
        Assert.Equal((FailureKind.Conflict, "UnexpectedField"), (failure.Kind, failure.Code));
        Assert.Null(await bed.Table("things").TryGetSnapshotAsync(null, default));
    }

    [Fact]
    public async Task Keys_that_lived_their_time_are_removed()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await bed.PostAsync("things", Rows, key: "old");
        bed.Clock.Advance(TimeSpan.FromDays(4));
        await bed.PostAsync("things", Rows, key: "young");
        bed.Clock.Advance(TimeSpan.FromDays(4));
        await bed.Settlement.PurgeKeysAsync(default);
        var keys = 0;
        await foreach (var _ in bed.Rows.QueryAsync(ClaimStore.RowTable, "things", "key.", "key.~", default))
            keys++;
        Assert.Equal(1, keys);
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        byte[] copy = [.. bytes];
        copy[at] ^= 0x10;
        return copy;
    }

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<StoredRow<BatchClaim>> FirstClaimAsync(BatchBed bed)
    {
        await foreach (var row in new ClaimStore(bed.Rows, bed.Receipts, bed.Clock, Lease).ListAsync("things", default))
            return row;
        throw new InvalidOperationException("There is no claim.");
    }

    private static async Task<List<BatchClaim>> ClaimsAsync(BatchBed bed)
    {
        var claims = new List<BatchClaim>();
        await foreach (var row in new ClaimStore(bed.Rows, bed.Receipts, bed.Clock, Lease).ListAsync("things", default))
            claims.Add(row.Value);
        return claims;
    }

    private static async Task<List<Receipt>> ReceiptsAsync(BatchBed bed)
    {
        var receipts = new List<Receipt>();
        await foreach (var row in bed.Rows.QueryAsync<Receipt>(ReceiptStore.RowTable, "things", null, null, default))
            receipts.Add(row.Value);
        return receipts;
    }
}
