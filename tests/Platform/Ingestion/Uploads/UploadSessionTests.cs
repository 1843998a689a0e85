using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Platform.Tests.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Ingestion;

/// <summary>Sessions whose bytes come in blocks, past the platform or through it.</summary>
public sealed class UploadSessionTests(AzuriteFixture azurite)
{
    private const string First = "id,name\n1,a\n2,b\n";
    private const string Second = "3,c\nx,d\n";
    private static readonly SessionRequest Csv = new("text/csv", null, null, null, null);
    private static readonly SessionRequest Nothing = new(null, null, null, null, null);

    [Fact]
    public async Task Blocks_in_any_order_become_the_batch_that_their_list_says()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var session = await BeginAsync(bed, Csv with { Bytes = First.Length + Second.Length });
        var upload = await AdmitAsync(bed, session);
        var blocks = bed.Services.GetRequiredService<BlockReceiver>();
        await blocks.StageAsync(upload, Id(7), Stream("not wanted"), default);
        await Task.WhenAll(blocks.StageAsync(upload, Id(2), Stream(Second), default), blocks.StageAsync(upload, Id(1), Stream("old"), default));
        await blocks.StageAsync(upload, Id(1), Stream(First), default);

        var listed = await Sessions(bed).ListBlocksAsync("things", session.Id, default);
        Assert.Empty(listed.Committed);
        Assert.Equal([(Id(1), First.Length), (Id(2), Second.Length), (Id(7), 10)], listed.Uncommitted.Select(block => (block.Id, (int)block.Bytes)));
        Assert.Equal("UploadEmpty", await CodeAsync(() => Sessions(bed).CompleteAsync("things", session.Id, Nothing, default)));

        var info = await blocks.CommitAsync(upload, Stream($"<?xml version=\"1.0\"?><BlockList><Latest>{Id(1)}</Latest>\n<Uncommitted>{Id(2)}</Uncommitted></BlockList>"), PutCondition.None, default);
        listed = await blocks.ListAsync(upload, default);
        Assert.Equal([Id(1), Id(2)], listed.Committed.Select(block => block.Id));
        Assert.Empty(listed.Uncommitted);
        Assert.Contains($"<CommittedBlocks><Block><Name>{Id(1)}</Name><Size>{First.Length}</Size></Block>", BlockReceiver.Write(listed, true, true), StringComparison.Ordinal);

        var completed = await Sessions(bed).CompleteAsync("things", session.Id, Nothing with { ETag = info.ETag, Sha256 = Sha256(First + Second) }, default);
        Assert.Equal((UploadStatus.NotStarted, UploadStage.Waiting), (completed.Status, completed.Stage));
        Assert.Equal(ReceiptState.InProgress, (await bed.ReceiptAsync(session.Id)).State);
        Assert.Equal("UploadCompleted", await CodeAsync(() => AdmitAsync(bed, session)));
        bed.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(session.Id, Assert.Single(await bed.Uploads().ListOverdueAsync(default)).Id);

        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(session.Id)).Status);
        var receipt = await bed.ReceiptAsync(session.Id);
        Assert.Equal((4, 3, 1, Sha256(First + Second)), (receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.Sha256));
        Assert.Equal(First + Second, await bed.ReadAsync(receipt.Raw!));
        Assert.Empty(bed.UploadFiles());
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_storage_account_takes_the_blocks_under_a_signature_for_nothing_else()
    {
        await using var bed = await AzuriteBedAsync();
        await bed.DefineAsync("things");
        var session = await BeginAsync(bed, Csv);
        var blob = new BlockBlobClient(new Uri(session.Url), Options);
        await Task.WhenAll(blob.StageBlockAsync(Id(2), Stream(Second)), blob.StageBlockAsync(Id(1), Stream(First)));
        Assert.Equal(2, (await Sessions(bed).ListBlocksAsync("things", session.Id, default)).Uncommitted.Count);
        Assert.Equal("UploadEmpty", await CodeAsync(() => Sessions(bed).CompleteAsync("things", session.Id, Nothing, default)));
        var etag = (await blob.CommitBlockListAsync([Id(1), Id(2)])).Value.ETag.ToString().Trim('"');

        // Written once, this address cannot be read, deleted or used for another object.
        Assert.Equal(403, (await Assert.ThrowsAsync<RequestFailedException>(() => blob.DownloadContentAsync())).Status);
        Assert.Equal(403, (await Assert.ThrowsAsync<RequestFailedException>(() => blob.DeleteAsync())).Status);
        var other = new BlobUriBuilder(new Uri(session.Url)) { BlobName = $"uploads/things/{session.Id}/other" }.ToUri();
        Assert.Equal(403, (await Assert.ThrowsAsync<RequestFailedException>(() => new BlockBlobClient(other, Options).UploadAsync(Stream("x")))).Status);

        Assert.Equal("UploadChanged", await CodeAsync(() => Sessions(bed).CompleteAsync("things", session.Id, Nothing with { ETag = "0x123" }, default)));
        await Sessions(bed).CompleteAsync("things", session.Id, Nothing with { ETag = etag }, default);
        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(session.Id)).Status);
        var receipt = await bed.ReceiptAsync(session.Id);
        Assert.Equal((3, First + Second), (receipt.Loaded, await bed.ReadAsync(receipt.Raw!)));
        Assert.Null(await bed.Objects.GetInfoAsync(UploadPaths.Object(session.Id, 1), default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_written_after_completion_is_not_loaded(bool account)
    {
        await using var bed = account ? await AzuriteBedAsync() : new BatchBed();
        await bed.DefineAsync("things");
        var session = await BeginAsync(bed, Csv);
        await WriteAsync(bed, session.Id, First);
        await Sessions(bed).CompleteAsync("things", session.Id, Nothing, default);
        await WriteAsync(bed, session.Id, Second);
        var upload = await bed.RunAsync(session.Id);
        var receipt = await bed.ReceiptAsync(session.Id);

        Assert.Equal((UploadStatus.Failed, "UploadChanged"), (upload.Status, upload.Error!.Code));
        Assert.Equal((ReceiptState.Rejected, "UploadChanged"), (receipt.State, receipt.Error!.Code));
        Assert.Empty(await bed.SnapshotOrNullAsync("things") is null ? [] : await bed.QueryAsync("things", $"SELECT id FROM t WHERE _batch = '{session.Id}'"));
    }

    [Fact]
    public async Task A_session_is_completed_once_and_with_what_was_announced()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var session = await BeginAsync(bed, Csv with { Bytes = 5 });
        await WriteAsync(bed, session.Id, First);
        Assert.Equal("UploadSizeDiffers", await CodeAsync(() => Sessions(bed).CompleteAsync("things", session.Id, Nothing, default)));

        session = await BeginAsync(bed, Csv with { Sha256 = Sha256(Second) });
        var info = await WriteAsync(bed, session.Id, First);
        Assert.Equal("UploadDamaged", await CodeAsync(() => Sessions(bed).CompleteAsync("things", session.Id, Nothing with { Sha256 = Sha256(First) }, default)));
        var once = await Sessions(bed).CompleteAsync("things", session.Id, Nothing with { ETag = info.ETag }, default);
        Assert.Equal(once, await Sessions(bed).CompleteAsync("things", session.Id, Nothing, default));
        Assert.Equal("UploadCompleted", await CodeAsync(() => Sessions(bed).CompleteAsync("things", session.Id, Nothing with { ETag = "other" }, default)));

        var upload = await bed.RunAsync(session.Id);
        Assert.Equal((UploadStatus.Failed, "UploadDamaged"), (upload.Status, upload.Error!.Code));
        Assert.Equal(ReceiptState.Rejected, (await bed.ReceiptAsync(session.Id)).State);
        Assert.Equal(upload, await Sessions(bed).CompleteAsync("things", session.Id, Nothing, default));
    }

    [Fact]
    public async Task Completing_twice_at_once_leaves_no_claim_behind()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var session = await BeginAsync(bed, Csv);
        await WriteAsync(bed, session.Id, First);

        // This request has looked at the session before another completes it, and goes on when all is loaded.
        var store = new LoadingStore(bed.Objects, async () =>
        {
            await Sessions(bed).CompleteAsync("things", session.Id, Nothing, default);
            await bed.RunAsync(session.Id);
        });
        var upload = await ActivatorUtilities.CreateInstance<UploadSessions>(bed.Services, store).CompleteAsync("things", session.Id, Nothing, default);

        Assert.Equal(UploadStatus.Succeeded, upload.Status);
        Assert.Null(await bed.Rows.GetAsync(ClaimStore.RowTable, new RowKey("things", $"batch.{session.Id}"), default));
    }

    [Fact]
    public async Task What_nobody_completes_expires_with_all_that_was_written()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var done = await BeginAsync(bed, Csv);
        await WriteAsync(bed, done.Id, First);
        await Sessions(bed).CompleteAsync("things", done.Id, Nothing, default);
        await bed.RunAsync(done.Id);
        await WriteAsync(bed, done.Id, "written too late");
        var session = await BeginAsync(bed, Csv);
        await bed.Services.GetRequiredService<BlockReceiver>().StageAsync(await AdmitAsync(bed, session), Id(1), Stream(First), default);
        var expiry = bed.Services.GetRequiredService<UploadExpiry>();
        await expiry.ExpireAsync(default);
        Assert.Equal(2, bed.UploadFiles().Length);

        bed.Clock.Advance(new PlatformOptions().UploadLife + TimeSpan.FromSeconds(1));
        Assert.Equal("UploadExpired", await CodeAsync(() => AdmitAsync(bed, session)));
        Assert.Equal("UploadExpired", await CodeAsync(() => Sessions(bed).CompleteAsync("things", session.Id, Nothing, default)));
        for (var i = 0; i < 2; i++)
            await expiry.ExpireAsync(default);
        Assert.Empty(bed.UploadFiles());
        var expired = await bed.Uploads().GetAsync(session.Id, default);
        Assert.Equal((UploadStatus.Failed, "UploadExpired"), (expired.Status, expired.Error!.Code));
        Assert.Equal("UploadExpired", await CodeAsync(() => Sessions(bed).CompleteAsync("things", session.Id, Nothing, default)));
        Assert.Equal(UploadStatus.Succeeded, (await bed.Uploads().GetAsync(done.Id, default)).Status);
    }

    [Fact]
    public async Task A_canceled_upload_is_not_loaded()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var open = await BeginAsync(bed, Csv);
        await WriteAsync(bed, open.Id, First);
        for (var i = 0; i < 2; i++)
            Assert.Equal(UploadStatus.Canceled, (await Sessions(bed).CancelAsync("things", open.Id, default)).Status);
        Assert.Empty(bed.UploadFiles());
        Assert.Equal("UploadCanceled", await CodeAsync(() => Sessions(bed).CompleteAsync("things", open.Id, Nothing, default)));

        var waiting = (await bed.ReceiveAsync("things", First, "k")).Upload!.Id;
        Assert.True((await Sessions(bed).CancelAsync("things", waiting, default)).CancelRequested);
        var upload = await bed.RunAsync(waiting);
        Assert.Equal((UploadStatus.Canceled, ReceiptState.Rejected), (upload.Status, (await bed.ReceiptAsync(waiting)).State));
        Assert.Null(await bed.SnapshotOrNullAsync("things"));

        // Its key is free for the same rows or others.
        Assert.Equal(waiting, (await bed.ReceiveAsync("things", Second, "k")).Upload!.Id);
        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(waiting)).Status);
        Assert.Equal("UploadEnded", await CodeAsync(() => Sessions(bed).CancelAsync("things", waiting, default)));
    }

    [Fact]
    public async Task An_address_is_good_for_one_upload_until_it_expires()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        await bed.DefineAsync("others");
        var (session, other) = (await BeginAsync(bed, Csv), await BeginAsync(bed, Csv));
        var addresses = bed.Services.GetRequiredService<UploadAddresses>();
        var (until, signature) = Signed(session);
        await AdmitAsync(bed, session);
        Assert.Equal("AuthenticationFailed", await CodeAsync(() => CheckAsync("things", other.Id, until, signature)));
        Assert.Equal("AuthenticationFailed", await CodeAsync(() => CheckAsync("others", session.Id, until, signature)));
        Assert.Equal("AuthenticationFailed", await CodeAsync(() => CheckAsync("things", session.Id, until + "0", signature)));
        Assert.Equal("AuthenticationFailed", await CodeAsync(() => CheckAsync("things", session.Id, until, signature[..^2])));
        Assert.Equal("AuthenticationFailed", await CodeAsync(() => CheckAsync("things", session.Id, until, "ä!")));
        Assert.Equal("AuthenticationFailed", await CodeAsync(() => CheckAsync("things", session.Id, "", "")));
        Assert.Equal("Unauthenticated", await CodeAsync(() => CheckAsync("things", session.Id, null, signature)));

        // Another instance signs with the same key.
        await using var second = new BatchBed(folder: Path.GetDirectoryName(bed.StoreFolder)!);
        await second.Services.GetRequiredService<UploadAddresses>().CheckAsync("things", session.Id, until, signature, bed.Clock.GetUtcNow(), default);

        Task CheckAsync(string dataset, string id, string? time, string? sig) => addresses.CheckAsync(dataset, id, time, sig, bed.Clock.GetUtcNow(), default);
    }

    [Fact]
    public async Task A_session_can_be_begun_twice_under_its_key()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var first = await BeginAsync(bed, Csv, "k");
        Assert.Equal(first.Id, (await BeginAsync(bed, Csv, "k")).Id);
        Assert.Equal("IdempotencyKeyReused", await CodeAsync(() => BeginAsync(bed, Csv with { Bytes = 7 }, "k")));
        Assert.NotEqual(first.Id, (await BeginAsync(bed, Csv)).Id);
        Assert.Equal(2, (await bed.Uploads().ListAsync("things", null, 10, default)).Uploads.Count);
        bed.Clock.Advance(TimeSpan.FromDays(8));
        Assert.NotEqual(first.Id, (await BeginAsync(bed, Csv, "k")).Id);
    }

    [Theory]
    [InlineData("<BlockList><Latest>AAAA</Latest></BlockList>")]
    [InlineData("<BlockList><Latest></Latest></BlockList>")]
    [InlineData("<BlockList><Latest>no base 64!</Latest></BlockList>")]
    [InlineData("<BlockList><Other>AAAA</Other></BlockList>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><BlockList><Latest>&e;</Latest></BlockList>")]
    [InlineData("<Other/>")]
    [InlineData("{}")]
    [InlineData("")]
    public async Task Block_lists_that_are_none_commit_nothing(string list)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var session = await BeginAsync(bed, Csv);
        var upload = await AdmitAsync(bed, session);
        Assert.Contains(
            await CodeAsync(() => bed.Services.GetRequiredService<BlockReceiver>().CommitAsync(upload, Stream(list), PutCondition.None, default)),
            new[] { "InvalidBlockList", "InvalidBlockId" });
        Assert.Empty(bed.UploadFiles());
    }

    [Fact]
    public async Task A_block_that_was_damaged_on_the_way_is_not_stored()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var session = await BeginAsync(bed, Csv);
        var upload = await AdmitAsync(bed, session);
        var blocks = bed.Services.GetRequiredService<BlockReceiver>();
        const string md5 = "2+BmCdk4bnM87kNo45uBcQ=="; // of First
        Assert.Equal("Md5Mismatch", await CodeAsync(() => blocks.StageAsync(upload, Id(1), Md5Stream.Check(Stream(Second), md5), default)));
        Assert.Equal("Md5Mismatch", await CodeAsync(() => blocks.PutAsync(upload, Md5Stream.Check(Stream(Second), md5), PutCondition.None, default)));
        Assert.Empty((await blocks.ListAsync(upload, default)).Uncommitted);
        await blocks.StageAsync(upload, Id(1), Md5Stream.Check(Stream(First), md5), default);
        var list = $"<BlockList><Latest>{Id(1)}</Latest></BlockList>";
        Assert.Equal("Md5Mismatch", await CodeAsync(() => blocks.CommitAsync(upload, Md5Stream.Check(Stream(list), md5), PutCondition.None, default)));
        Assert.Single((await blocks.ListAsync(upload, default)).Uncommitted);
        Assert.Equal("InvalidMd5", Assert.Throws<TerminalException>(() => Md5Stream.Check(Stream(First), "abc")).Code);
        Assert.Equal("InvalidMd5", Assert.Throws<TerminalException>(() => Md5Stream.Check(Stream(First), md5[..^4])).Code);
    }

    [Theory]
    [InlineData("{}", "MissingMember")]
    [InlineData("""{"contentType": "text/csv", "bytes": 0}""", "OutOfRange")]
    [InlineData("""{"contentType": "text/csv", "sha256": "abc"}""", "InvalidHash")]
    [InlineData("""{"contentType": "text/csv", "size": 1}""", "UnknownMember")]
    [InlineData("""["text/csv"]""", "WrongKind")]
    public void A_wrong_request_is_told_its_mistakes(string document, string code)
    {
        var failure = Assert.Throws<TerminalException>(() => SessionRequest.ReadBegin(Encoding.UTF8.GetBytes(document)));
        Assert.Equal("InvalidUpload", failure.Code);
        Assert.Equal(code, Assert.Single(failure.Details).Code);
    }

    [Fact]
    public async Task What_could_not_be_loaded_later_is_refused_when_a_session_begins()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        Assert.Equal("DatasetNotFound", await CodeAsync(() => BeginAsync(bed, Csv, dataset: "others")));
        Assert.Equal("UnsupportedMediaType", await CodeAsync(() => BeginAsync(bed, Csv with { ContentType = "text/html" })));
        Assert.Equal("UnsupportedMediaType", await CodeAsync(() => BeginAsync(bed, Csv with { ContentEncoding = "bzip2" })));
        Assert.Equal("UploadTooLarge", await CodeAsync(() => BeginAsync(bed, Csv with { Bytes = long.MaxValue })));
        Assert.Equal("MalformedJson", Assert.Throws<TerminalException>(() => SessionRequest.ReadBegin("{"u8.ToArray())).Code);
        Assert.Equal("UploadNotFound", await CodeAsync(() => Sessions(bed).CompleteAsync("things", BatchId.Create("things", bed.Clock.GetUtcNow()), Nothing, default)));
    }

    private static BlobClientOptions Options => new(BlobClientOptions.ServiceVersion.V2025_11_05) { Retry = { MaxRetries = 0 } };

    private static UploadSessions Sessions(BatchBed bed) => bed.Services.GetRequiredService<UploadSessions>();

    private static Task<UploadSession> BeginAsync(BatchBed bed, SessionRequest request, string? key = null, string dataset = "things") =>
        Sessions(bed).BeginAsync(dataset, "tester", key, request, address => "http://own.example" + address, default);

    private static (string Until, string Signature) Signed(UploadSession session)
    {
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(session.Url).Query);
        return (query["se"]!, query["sig"]!);
    }

    private static Task<Upload> AdmitAsync(BatchBed bed, UploadSession session)
    {
        var (until, signature) = Signed(session);
        return bed.Services.GetRequiredService<BlockReceiver>().AdmitAsync("things", session.Id, until, signature, default);
    }

    private static async Task<ObjectInfo> WriteAsync(BatchBed bed, string id, string text) =>
        (await bed.Objects.TryPutAsync(UploadPaths.Object(id, 1), Encoding.UTF8.GetBytes(text), PutCondition.None, null, default))!;

    private static async Task<string> CodeAsync(Func<Task> work) => (await Assert.ThrowsAnyAsync<TerminalException>(work)).Code;

    private static string Id(int number) => Convert.ToBase64String(Encoding.ASCII.GetBytes($"block-{number:d6}"));

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Over an account; its clock starts now, as the account's own does, and its rows are apart from those of other tests by a folder's.</summary>
    private async Task<BatchBed> AzuriteBedAsync()
    {
        var storage = await azurite.GetStorageAsync();
        return new BatchBed(clock: new FakeTimeProvider(TimeProvider.System.GetUtcNow()), configure: options => options.Storage = storage);
    }

    /// <summary>Between the look at the bytes and the answer something happens.</summary>
    private sealed class LoadingStore(IObjectStore inner, Func<Task> meanwhile) : WrappedObjectStore(inner)
    {
        public override async Task<ObjectInfo?> GetInfoAsync(LakePath path, CancellationToken cancellationToken)
        {
            var info = await base.GetInfoAsync(path, cancellationToken);
            await meanwhile();
            return info;
        }
    }
}
