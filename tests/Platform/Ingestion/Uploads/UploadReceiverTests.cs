using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Lake;
using DataPlatform.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

/// <summary>Batches that are accepted now and loaded later.</summary>
public sealed class UploadReceiverTests
{
    private const string Rows = "id,name,amount,at\n1,a,1.5,\n2,b,-1,\n3,c,,\n";
    private static readonly TimeSpan Lease = new PlatformOptions().ClaimLease;

    [Fact]
    public async Task What_was_accepted_is_loaded_by_its_orchestration_and_counted_as_any_batch()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var accepted = (await bed.ReceiveAsync("things", Rows)).Upload!;

        Assert.Equal((UploadStatus.NotStarted, UploadStage.Waiting, UploadOrigin.Body, Rows.Length), (accepted.Status, accepted.Stage, accepted.Origin, accepted.Bytes));
        Assert.Equal(ReceiptState.InProgress, (await bed.ReceiptAsync(accepted.Id)).State);
        Assert.Null(await bed.SnapshotOrNullAsync("things"));

        var upload = await bed.RunAsync(accepted.Id);
        var receipt = await bed.ReceiptAsync(accepted.Id);
        Assert.Equal((UploadStatus.Succeeded, 3, Rows.Length, null), (upload.Status, upload.Rows, upload.BytesRead, upload.Stage));
        Assert.Equal((ReceiptState.Committed, 3, 2, 1, 1), (receipt.State, receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.Attempt));
        Assert.Equal(Rows, await bed.ReadAsync(receipt.Raw!));
        Assert.EndsWith("/1.csv", receipt.Raw, StringComparison.Ordinal);
        Assert.Empty(bed.UploadFiles());
        Assert.Empty(await ClaimsAsync(bed));
        await bed.AssertBalancedAsync("things");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("redacted")]
    public async Task Contracts_that_do_not_keep_bodies_leave_nothing_of_them(string raw)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", $$"""{ "fields": [ {"name": "id", "type": "int64", "required": true}, {"name": "name", "type": "string", "pii": "mask"} ], "raw": "{{raw}}" }""");
        var id = (await bed.ReceiveAsync("things", "id,name\n1,Anna\n")).Upload!.Id;
        var upload = await bed.RunAsync(id);
        Assert.True(upload.Status == UploadStatus.Succeeded, upload.Error?.Message);

        Assert.Equal(["1|xxxx"], await bed.QueryAsync("things", "SELECT id, name FROM t"));
        Assert.Empty(bed.UploadFiles());
        var receipt = await bed.ReceiptAsync(id);
        Assert.Equal(raw == "redacted", receipt.Raw is not null);
        Assert.DoesNotContain(
            Directory.GetFiles(Path.Combine(bed.StoreFolder, "objects"), "*", SearchOption.AllDirectories).Select(File.ReadAllText),
            text => text.Contains("Anna", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Repeats_under_a_key_are_one_upload_before_and_after_it_is_loaded()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var first = (await bed.ReceiveAsync("things", Rows, "k")).Upload!;
        Assert.Equal(first.Id, (await bed.ReceiveAsync("things", Rows, "k")).Upload!.Id);
        Assert.Equal("IdempotencyKeyReused", (await Assert.ThrowsAsync<TerminalException>(() => bed.ReceiveAsync("things", "id\n5\n", "k"))).Code);
        Assert.Equal("BatchInProgress", (await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", Rows, "k"))).Code);

        await bed.RunAsync(first.Id);
        var again = await bed.ReceiveAsync("things", Rows, "k");
        Assert.Equal((first.Id, UploadStatus.Succeeded, ReceiptState.Committed), (again.Upload!.Id, again.Upload.Status, again.Receipt!.State));
        Assert.Equal(first.Id, (await bed.PostAsync("things", Rows, "k")).Id);
        Assert.Equal("IdempotencyKeyReused", (await Assert.ThrowsAsync<TerminalException>(() => bed.ReceiveAsync("things", "id\n5\n", "k"))).Code);
        Assert.Equal(["2"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_batch_that_was_loaded_while_its_sender_waited_is_answered_with_its_receipt()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var receipt = await bed.PostAsync("things", Rows, "k");
        var start = await bed.ReceiveAsync("things", Rows, "k");
        Assert.Null(start.Upload);
        Assert.Equal(receipt.Id, start.Receipt!.Id);
    }

    [Fact]
    public async Task An_upload_that_waits_long_is_not_written_off()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var id = (await bed.ReceiveAsync("things", Rows, "k")).Upload!.Id;
        bed.Clock.Advance(TimeSpan.FromDays(2));
        await bed.Settlement.SettleAsync(default);

        Assert.Equal(ReceiptState.InProgress, (await bed.ReceiptAsync(id)).State);
        Assert.Equal([id], (await bed.Uploads().ListOverdueAsync(default)).Select(pending => pending.Id));
        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(id)).Status);
        Assert.Empty(await bed.Uploads().ListOverdueAsync(default));
    }

    [Fact]
    public async Task Activities_may_run_twice_and_after_a_crash_at_any_place()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var id = (await bed.ReceiveAsync("things", Rows)).Upload!.Id;
        for (var i = 0; i < 2; i++)
            await bed.Activities().BeginAsync(id, $"{id}-1", default);

        // A process that died while it loaded: its lease must lapse.
        var claims = new ClaimStore(bed.Rows, bed.Receipts, bed.Clock, Lease);
        var waiting = (await bed.Uploads().GetAsync(id, default)).Claim!;
        Assert.NotNull((await claims.TakeAsync(waiting, default)).Claim);
        await Assert.ThrowsAsync<TransientException>(() => bed.Activities().LoadAsync(id, default));
        bed.Clock.Advance(Lease);

        for (var i = 0; i < 2; i++)
            Assert.Null((await bed.Activities().LoadAsync(id, default)).Error);
        for (var i = 0; i < 2; i++)
            await bed.Activities().EndAsync(id, $"{id}-1", null, default);
        Assert.Equal(UploadStatus.Succeeded, (await bed.Uploads().GetAsync(id, default)).Status);
        Assert.Equal(2, (await bed.ReceiptAsync(id)).Attempt);
        Assert.Equal(["2"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_claim_that_was_written_off_does_not_keep_its_upload_from_being_loaded()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var id = (await bed.ReceiveAsync("things", Rows)).Upload!.Id;

        // As when the process ends between the upload's row and the note in its claim.
        foreach (var claim in await ClaimsAsync(bed))
            await bed.Rows.TryReplaceAsync(ClaimStore.RowTable, claim.Key, claim.Value with { IsUpload = false }, claim.ETag, default);
        await bed.Settlement.SettleAsync(default);
        Assert.Equal(ReceiptState.Abandoned, (await bed.ReceiptAsync(id)).State);

        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(id)).Status);
        Assert.Equal((ReceiptState.Committed, 2), ((await bed.ReceiptAsync(id)).State, (await bed.ReceiptAsync(id)).Loaded));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_body_that_is_refused_when_it_is_loaded_gives_a_rejected_receipt_and_frees_its_key()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var gzip = new MemoryStream([0x1f, 0x8b, 0, 0]);
        var id = (await bed.Services.GetRequiredService<UploadReceiver>().ReceiveAsync(new BatchRequest("things", "tester", "k", "text/csv", "gzip", gzip), default)).Upload!.Id;
        var upload = await bed.RunAsync(id);
        var receipt = await bed.ReceiptAsync(id);

        Assert.Equal((UploadStatus.Failed, "UnreadableFile"), (upload.Status, upload.Error!.Code));
        Assert.Equal((ReceiptState.Rejected, "UnreadableFile", upload.Error.Message), (receipt.State, receipt.Error!.Code, receipt.Error.Message));
        Assert.Empty(bed.UploadFiles());
        Assert.Empty(await ClaimsAsync(bed));

        var again = (await bed.ReceiveAsync("things", Rows, "k")).Upload!;
        Assert.Equal((id, 2, UploadStatus.NotStarted), (again.Id, again.Round, again.Status));
        Assert.NotEqual(upload.Instance, again.Instance);
        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(id)).Status);
        Assert.Equal(ReceiptState.Committed, (await bed.ReceiptAsync(id)).State);
    }

    [Fact]
    public async Task A_body_that_breaks_off_leaves_no_upload()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await Assert.ThrowsAsync<IOException>(() => bed.ReceiveAsync("things", new BreakingStream(), "k"));

        Assert.Empty((await bed.Uploads().ListAsync("things", null, 10, default)).Uploads);
        Assert.Empty(bed.UploadFiles());
        Assert.Equal(UploadStatus.NotStarted, (await bed.ReceiveAsync("things", Rows, "k")).Upload!.Status);
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_told_before_its_body_is_read()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        Assert.Equal("DatasetNotFound", (await Assert.ThrowsAsync<TerminalException>(() => bed.ReceiveAsync("others", new BreakingStream()))).Code);
        Assert.Equal("UnsupportedMediaType", (await Assert.ThrowsAsync<TerminalException>(() => bed.ReceiveAsync("things", new BreakingStream(), type: "text/html"))).Code);
        Assert.Equal("InvalidIdempotencyKey", (await Assert.ThrowsAsync<TerminalException>(() => bed.ReceiveAsync("things", new BreakingStream(), key: ""))).Code);
    }

    [Fact]
    public async Task Uploads_are_listed_newest_first_by_pages()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        List<string> ids = [];
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, (await bed.ReceiveAsync("things", $"id\n{i}\n")).Upload!.Id);
            bed.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        List<string> listed = [];
        string? next = null;
        do
        {
            var page = await bed.Uploads().ListAsync("things", next, 2, default);
            listed.AddRange(page.Uploads.Select(upload => upload.Id));
            next = page.Next;
        }
        while (next is not null);
        Assert.Equal(ids, listed);
        foreach (var cursor in new[] { "nonsense", BatchId.Create("others", bed.Clock.GetUtcNow()) })
            Assert.Equal("InvalidQueryOption", (await Assert.ThrowsAsync<TerminalException>(() => bed.Uploads().ListAsync("things", cursor, 2, default))).Code);
    }

    private static async Task<List<StoredRow<BatchClaim>>> ClaimsAsync(BatchBed bed)
    {
        List<StoredRow<BatchClaim>> claims = [];
        await foreach (var claim in new ClaimStore(bed.Rows, bed.Receipts, bed.Clock, Lease).ListAsync("things", default))
            claims.Add(claim);
        return claims;
    }

    /// <summary>A sender whose connection breaks.</summary>
    private sealed class BreakingStream : Readers.InputStream
    {
        private bool _begun;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_begun)
                throw new IOException("The connection broke.");
            _begun = true;
            "id\n1"u8.CopyTo(buffer.Span);
            return ValueTask.FromResult(4);
        }
    }
}
