using System.Text;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Ingestion.Uploads.Fetch;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion;

/// <summary>What was given up, or is sent again under its key, is begun anew; nothing of it is lost.</summary>
public sealed class UploadRestartTests
{
    private const string Rows = "id,name\n1,a\n2,b\n";
    private static readonly SessionRequest Nothing = new(null, null, null, null, null);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_given_up_keeps_its_bytes_and_is_loaded_when_it_is_completed_again(bool session)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var id = session ? await SessionAsync(bed) : (await bed.ReceiveAsync("things", Rows)).Upload!.Id;
        var failed = await GiveUpAsync(bed, id);
        Assert.Equal((UploadStatus.Failed, "UploadGivenUp"), (failed.Status, failed.Error!.Code));
        Assert.Equal(bed.Clock.GetUtcNow() + new PlatformOptions().UploadLife, failed.KeptUntil);
        Assert.Contains($"The store is away. It was tried for about a day. Its bytes are kept until {failed.KeptUntil:u}", failed.Error.Message, StringComparison.Ordinal);
        Assert.Contains("/complete", UploadInfo.Of(failed).Links["complete"], StringComparison.Ordinal);
        await bed.Settlement.SettleAsync(default);
        Assert.Equal(ReceiptState.Abandoned, (await bed.ReceiptAsync(id)).State);

        bed.Clock.Advance(TimeSpan.FromDays(6));
        await ExpireAsync(bed);
        var again = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Sessions(bed).CompleteAsync("things", id, Nothing, default)));
        Assert.All(again, upload => Assert.Equal((UploadStatus.NotStarted, 2, null), (upload.Status, upload.Round, upload.KeptUntil)));
        Assert.Equal(ReceiptState.InProgress, (await bed.ReceiptAsync(id)).State);
        bed.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal($"{id}-2", Assert.Single(await bed.Uploads().ListOverdueAsync(default)).Instance);

        // The last activity of the first round once more, as after a crash.
        await bed.Activities().EndAsync(id, $"{id}-1", UploadActivities.GivenUp("The store is away."), default);
        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(id)).Status);
        Assert.Equal((ReceiptState.Committed, 2), ((await bed.ReceiptAsync(id)).State, (await bed.ReceiptAsync(id)).Loaded));
        Assert.Empty(bed.UploadFiles());
        Assert.Equal(UploadStatus.Succeeded, session ? (await Sessions(bed).CompleteAsync("things", id, Nothing, default)).Status : UploadStatus.Succeeded);
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task A_file_that_was_given_up_goes_on_with_the_parts_that_were_fetched()
    {
        var file = new RemoteFile(Encoding.UTF8.GetBytes(Rows));
        await using var server = await FetchServer.StartAsync((http, _) => file.AnswerAsync(http));
        await using var bed = new BatchBed(configure: options => (options.FetchHttp, options.FetchPorts, options.FetchAllow) = (true, "*", "127.0.0.1"));
        await bed.DefineAsync("things");
        var request = new FetchRequest { Url = server.Url("/rows.csv?sig=secret") };
        var id = (await bed.Services.GetRequiredService<FetchReceiver>().ReceiveAsync(
            new BatchRequest("things", "tester", "k", FetchRequest.MediaType, null, Stream.Null), request, default)).Upload!.Id;
        await bed.Activities().BeginAsync(id, $"{id}-1", default);
        Assert.True((await bed.Services.GetRequiredService<FetchActivities>().FetchAsync(id, default)).IsComplete);
        Assert.NotNull((await GiveUpAsync(bed, id)).KeptUntil);

        bed.Clock.Advance(TimeSpan.FromDays(3));
        await Sessions(bed).CompleteAsync("things", id, Nothing, default);
        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(id)).Status);
        Assert.Single(server.Seen);
        Assert.Equal(2, (await bed.ReceiptAsync(id)).Loaded);
        Assert.Null((await bed.Uploads().GetAsync(id, default)).Fetch);
        Assert.Empty(bed.UploadFiles());
    }

    [Theory]
    [InlineData("Canceled")]
    [InlineData("UploadGivenUp")]
    public async Task An_attempt_that_commits_after_another_one_ended_the_upload_makes_it_succeed(string code)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var id = (await bed.ReceiveAsync("things", Rows)).Upload!.Id;
        await bed.Activities().BeginAsync(id, $"{id}-1", default);
        Assert.Null((await bed.Activities().LoadAsync(id, default)).Error);

        // What the other attempt stored: it asked for the receipt before the commit.
        await bed.Uploads().UpdateAsync(
            id,
            upload => upload with { Status = code == "Canceled" ? UploadStatus.Canceled : UploadStatus.Failed, Error = new RunFailure(code, "It ended."), KeptUntil = bed.Clock.GetUtcNow() },
            default);

        var upload = await bed.Services.GetRequiredService<UploadReader>().GetAsync("things", id, default);
        Assert.Equal((UploadStatus.Succeeded, null, null, 2), (upload.Status, upload.Error, upload.KeptUntil, upload.Rows));
        Assert.Equal(upload, await bed.Uploads().GetAsync(id, default));
    }

    [Fact]
    public async Task What_was_given_up_is_begun_anew_under_its_key_too()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var id = (await bed.ReceiveAsync("things", Rows, "k")).Upload!.Id;
        await GiveUpAsync(bed, id);
        await bed.Settlement.SettleAsync(default);

        var again = (await bed.ReceiveAsync("things", Rows, "k")).Upload!;
        Assert.Equal((id, UploadStatus.NotStarted, $"{id}-2"), (again.Id, again.Status, again.Instance));
        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(id)).Status);
        Assert.Equal(["2"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        Assert.Empty(bed.UploadFiles());
    }

    [Fact]
    public async Task Kept_bytes_go_when_their_time_is_over_or_their_sender_says_so()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var id = (await bed.ReceiveAsync("things", Rows)).Upload!.Id;
        var canceled = (await bed.ReceiveAsync("things", Rows)).Upload!.Id;
        await GiveUpAsync(bed, id);
        await GiveUpAsync(bed, canceled);
        Assert.Equal((UploadStatus.Canceled, null), ((await Sessions(bed).CancelAsync("things", canceled, default)).Status, (await bed.Uploads().GetAsync(canceled, default)).KeptUntil));
        Assert.Contains(id, Assert.Single(bed.UploadFiles()), StringComparison.Ordinal);

        bed.Clock.Advance(new PlatformOptions().UploadLife + TimeSpan.FromSeconds(1));
        Assert.Equal("UploadExpired", (await Assert.ThrowsAsync<TerminalException>(() => Sessions(bed).CompleteAsync("things", id, Nothing, default))).Code);
        await ExpireAsync(bed);
        Assert.Empty(bed.UploadFiles());
        Assert.Equal((UploadStatus.Failed, null), ((await bed.Uploads().GetAsync(id, default)).Status, (await bed.Uploads().GetAsync(id, default)).KeptUntil));
        Assert.Equal(UploadStatus.Failed, (await Sessions(bed).CompleteAsync("things", id, Nothing, default)).Status);
    }

    [Fact]
    public async Task The_end_of_a_rejected_round_leaves_alone_what_was_sent_again_meanwhile()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var noGzip = new BatchRequest("things", "tester", "k", "text/csv", "gzip", new MemoryStream([0x1f, 0x8b, 0, 0]));
        var id = (await bed.Services.GetRequiredService<UploadReceiver>().ReceiveAsync(noGzip, default)).Upload!.Id;
        await bed.Activities().BeginAsync(id, $"{id}-1", default);
        var error = (await bed.Activities().LoadAsync(id, default)).Error;
        Assert.NotNull(error);

        // Rejected is told by the receipt already; the upload's last activity is still to come.
        var again = (await bed.ReceiveAsync("things", Rows, "k")).Upload!;
        Assert.Equal($"{id}-2", again.Instance);
        Assert.True((await bed.Activities().BeginAsync(id, $"{id}-1", default)).HasEnded);
        await bed.Activities().EndAsync(id, $"{id}-1", error, default);
        Assert.Equal(UploadStatus.NotStarted, (await bed.Uploads().GetAsync(id, default)).Status);
        Assert.Single(bed.UploadFiles());

        var upload = await bed.RunAsync(id);
        Assert.True(upload.Status == UploadStatus.Succeeded, upload.Error?.Message);
        Assert.Equal(["2"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
        Assert.Empty(bed.UploadFiles());
    }

    [Fact]
    public async Task A_dataset_that_is_gone_when_its_upload_is_loaded_rejects_the_batch()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var id = (await bed.ReceiveAsync("things", Rows, "k")).Upload!.Id;
        await bed.Services.GetRequiredService<Catalog.CatalogStore>().DeleteAsync<Catalog.DatasetDefinition>("things", null, default);
        var upload = await bed.RunAsync(id);
        Assert.Equal((UploadStatus.Failed, "DatasetNotFound", null), (upload.Status, upload.Error!.Code, upload.KeptUntil));
        Assert.Equal((ReceiptState.Rejected, "DatasetNotFound"), ((await bed.ReceiptAsync(id)).State, (await bed.ReceiptAsync(id)).Error!.Code));
        Assert.Empty(bed.UploadFiles());
    }

    [Fact]
    public async Task Uploads_that_ended_long_ago_are_forgotten_with_their_keys_but_not_their_receipts()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var id = (await bed.ReceiveAsync("things", Rows, "k")).Upload!.Id;
        var kept = (await bed.ReceiveAsync("things", Rows)).Upload!.Id;
        await bed.RunAsync(id);
        var session = await Sessions(bed).BeginAsync("things", "tester", "s", Nothing with { ContentType = "text/csv" }, address => "http://own.example" + address, default);
        bed.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await GiveUpAsync(bed, kept);
        await bed.Settlement.PurgeKeysAsync(default);
        Assert.Equal(3, (await bed.Uploads().ListAsync("things", null, 10, default)).Uploads.Count);

        bed.Clock.Advance(TimeSpan.FromSeconds(2));
        await bed.Settlement.PurgeKeysAsync(default);
        Assert.Equal(new[] { session.Id, kept }.Order(), (await bed.Uploads().ListAsync("things", null, 10, default)).Uploads.Select(upload => upload.Id).Order());
        Assert.Equal(2, (await bed.ReceiptAsync(id)).Loaded);
        await foreach (var row in bed.Rows.QueryAsync(UploadStore.RowTable, "things", null, null, default))
            Assert.StartsWith("upload-", row.Key.Id, StringComparison.Ordinal);

        // Its bytes' time runs from its end.
        Assert.Equal(UploadStatus.NotStarted, (await Sessions(bed).CompleteAsync("things", kept, Nothing, default)).Status);
        Assert.Equal(UploadStatus.Succeeded, (await bed.RunAsync(kept)).Status);
    }

    private static UploadSessions Sessions(BatchBed bed) => bed.Services.GetRequiredService<UploadSessions>();

    private static Task ExpireAsync(BatchBed bed) => bed.Services.GetRequiredService<UploadExpiry>().ExpireAsync(default);

    /// <summary>What the orchestration does when an activity fails for a day.</summary>
    private static async Task<Upload> GiveUpAsync(BatchBed bed, string id)
    {
        await bed.Activities().BeginAsync(id, $"{id}-1", default);
        for (var i = 0; i < 2; i++)
            await bed.Activities().EndAsync(id, $"{id}-1", UploadActivities.GivenUp("The store is away."), default);
        return await bed.Uploads().GetAsync(id, default);
    }

    private static async Task<string> SessionAsync(BatchBed bed)
    {
        var session = await Sessions(bed).BeginAsync("things", "tester", null, Nothing with { ContentType = "text/csv" }, address => "http://own.example" + address, default);
        await bed.Objects.TryPutAsync(UploadPaths.Object(session.Id, 1), Encoding.UTF8.GetBytes(Rows), PutCondition.None, null, default);
        return (await Sessions(bed).CompleteAsync("things", session.Id, Nothing, default)).Id;
    }
}
