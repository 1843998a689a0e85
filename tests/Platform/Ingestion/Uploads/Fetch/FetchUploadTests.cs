using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Operations;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>The way of a batch from a URL into its table.</summary>
public sealed class FetchUploadTests
{
    private const string Csv = "id,name,amount,at\n1,a,1.5,2026-01-01T00:00:00Z\n2,b,x,\n3,c,,\n";

    private static readonly RemoteFile File = new(Encoding.UTF8.GetBytes(Csv));

    [Fact]
    public async Task A_file_is_fetched_and_loaded_as_one_batch()
    {
        await using var server = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        await using var bed = await BedAsync();

        var start = await ReceiveAsync(bed, new FetchRequest { Url = server.Url("/orders.csv?sig=secret") });
        Assert.Equal((UploadOrigin.Url, UploadStatus.NotStarted, server.Url("/orders.csv")), (start.Upload!.Origin, start.Upload.Status, start.Upload.Url));
        var upload = await bed.RunAsync(start.Upload.Id);

        Assert.True(upload.Status == UploadStatus.Succeeded, upload.Error?.Message);
        Assert.Equal((3, File.Content.Length, "text/csv"), (upload.Rows, upload.BytesRead, upload.ContentType));
        var receipt = await bed.ReceiptAsync(upload.Id);
        Assert.Equal((ReceiptState.Committed, 3, 2, 1), (receipt.State, receipt.Received, receipt.Loaded, receipt.Quarantined));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.Content)), receipt.Sha256);
        Assert.Equal(Csv, await bed.ReadAsync(receipt.Raw!));
        Assert.Empty(bed.UploadFiles());
        await bed.AssertBalancedAsync("orders");
    }

    [Fact]
    public async Task Nothing_that_people_see_or_that_stays_has_the_query()
    {
        await using var server = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        await using var bed = await BedAsync();

        var start = await ReceiveAsync(bed, new FetchRequest { Url = server.Url("/orders.csv?sig=secret") });
        Assert.DoesNotContain("secret", $"{start.Upload}{Show(start.Upload!)}", StringComparison.Ordinal);
        var upload = await bed.RunAsync(start.Upload!.Id);

        Assert.DoesNotContain("secret", $"{Show(upload)}{JsonSerializer.Serialize(await bed.ReceiptAsync(upload.Id), PlatformJson.Options)}", StringComparison.Ordinal);
        await foreach (var row in bed.Rows.QueryAsync(UploadStore.RowTable, "orders", null, null, default))
            Assert.DoesNotContain("secret", Encoding.UTF8.GetString(row.Value.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_activity_that_dies_leaves_its_parts_to_the_next()
    {
        var file = RemoteFile.Of(3_000_000) with { ContentType = "application/x-ndjson" };
        using var kill = new CancellationTokenSource();
        await using var bed = await BedAsync();
        await using var server = await FetchServer.StartAsync(async (http, count) =>
        {
            if (count == 1)
                await (file with { SilentAfter = 2_000_000 }).AnswerAsync(http);
            else
                await file.AnswerAsync(http);
        });
        var start = await ReceiveAsync(bed, new FetchRequest { Url = server.Url("/rows.ndjson") });
        var id = start.Upload!.Id;
        await bed.Activities().BeginAsync(id, $"{id}-1", default);
        var dying = Fetches(bed).FetchAsync(id, kill.Token);
        while ((await bed.Uploads().GetAsync(id, default)).Fetched is null)
            Assert.False(dying.IsCompleted);
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dying);
        var fetched = await Fetches(bed).FetchAsync(id, default);

        Assert.True(fetched is { IsComplete: true, Error: null }, fetched.Error?.Message);
        var checkpoint = (await bed.Uploads().GetAsync(id, default)).Fetched!;
        Assert.Equal(file.Content.Length, checkpoint.Bytes);
        Assert.Equal(new UploadFetched(true, null), await Fetches(bed).FetchAsync(id, default));
        Assert.Equal(2, server.Seen.Count);
    }

    [Fact]
    public async Task A_fetch_that_is_canceled_ends_although_its_server_is_silent()
    {
        var file = RemoteFile.Of(3_000_000) with { ContentType = "application/x-ndjson", SilentAfter = 2_000_000 };
        await using var bed = await BedAsync();
        await using var server = await FetchServer.StartAsync((http, _) => file.AnswerAsync(http));
        var id = (await ReceiveAsync(bed, new FetchRequest { Url = server.Url("/rows.ndjson") })).Upload!.Id;
        var running = bed.RunAsync(id);
        while ((await bed.Uploads().GetAsync(id, default)).Fetched is null)
            Assert.False(running.IsCompleted);
        Assert.True((await bed.Services.GetRequiredService<UploadSessions>().CancelAsync("orders", id, default)).CancelRequested);
        bed.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(UploadStatus.Canceled, (await running.WaitAsync(TimeSpan.FromMinutes(1))).Status);
        Assert.Equal((ReceiptState.Rejected, "UploadCanceled"), ((await bed.ReceiptAsync(id)).State, (await bed.ReceiptAsync(id)).Error!.Code));
        Assert.Empty(bed.UploadFiles());
        Assert.Null(await bed.SnapshotOrNullAsync("orders"));
    }

    [Fact]
    public async Task What_is_canceled_before_it_is_fetched_is_not_asked_for()
    {
        await using var server = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        await using var bed = await BedAsync();
        var id = (await ReceiveAsync(bed, new FetchRequest { Url = server.Url("/orders.csv") })).Upload!.Id;
        await bed.Services.GetRequiredService<UploadSessions>().CancelAsync("orders", id, default);
        Assert.Equal(UploadStatus.Canceled, (await bed.RunAsync(id)).Status);
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task A_file_that_cannot_be_had_rejects_the_batch()
    {
        await using var server = await FetchServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await using var bed = await BedAsync();

        var start = await ReceiveAsync(bed, new FetchRequest { Url = server.Url("/orders.csv?sig=secret") }, "k");
        var upload = await bed.RunAsync(start.Upload!.Id);
        var receipt = await bed.ReceiptAsync(upload.Id);

        Assert.Equal((UploadStatus.Failed, "FetchFailed"), (upload.Status, upload.Error!.Code));
        Assert.Equal((ReceiptState.Rejected, "FetchFailed"), (receipt.State, receipt.Error!.Code));
        Assert.Equal(upload.Error.Message, receipt.Error.Message);

        // The key takes another file then.
        await using var good = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        var again = await ReceiveAsync(bed, new FetchRequest { Url = good.Url("/orders.csv") }, "k");
        Assert.Equal((upload.Id, UploadStatus.Succeeded), (again.Upload!.Id, (await bed.RunAsync(again.Upload.Id)).Status));
    }

    [Fact]
    public async Task A_repeat_under_its_key_is_the_same_upload_and_another_request_is_refused()
    {
        await using var server = await FetchServer.StartAsync((http, _) => File.AnswerAsync(http));
        await using var bed = await BedAsync();
        var request = new FetchRequest { Url = server.Url("/orders.csv") };

        var first = await ReceiveAsync(bed, request, "k");
        await bed.RunAsync(first.Upload!.Id);
        var again = await ReceiveAsync(bed, request, "k");
        var other = await Assert.ThrowsAsync<TerminalException>(() => ReceiveAsync(bed, request with { Url = server.Url("/other.csv") }, "k"));

        Assert.Equal((first.Upload.Id, "IdempotencyKeyReused"), (again.Upload!.Id, other.Code));
        Assert.Single(server.Seen);
    }

    [Fact]
    public async Task What_can_be_told_without_a_connection_is_told_at_once()
    {
        await using var bed = await BedAsync();

        async Task<string> CodeAsync(FetchRequest request, string dataset = "orders") =>
            (await Assert.ThrowsAsync<TerminalException>(() => ReceiveAsync(bed, request, dataset: dataset))).Code;

        Assert.Equal("InvalidUrl", await CodeAsync(new FetchRequest { Url = "ftp://files.example.com/a.csv" }));
        Assert.Equal("AddressRefused", await CodeAsync(new FetchRequest { Url = "https://169.254.169.254/a.csv" }));
        Assert.Equal("FetchTooLarge", await CodeAsync(new FetchRequest { Url = "https://files.example.com/a.csv", Bytes = long.MaxValue }));
        Assert.Equal("DatasetNotFound", await CodeAsync(new FetchRequest { Url = "https://files.example.com/a.csv" }, "unknown"));
    }

    private static async Task<BatchBed> BedAsync()
    {
        var bed = new BatchBed(configure: options =>
        {
            options.FetchHttp = true;
            options.FetchPorts = "*";
            options.FetchAllow = "127.0.0.1";
            options.FetchIdleTimeout = TimeSpan.FromMinutes(10);
        });
        await bed.DefineAsync("orders");
        return bed;
    }

    private static FetchActivities Fetches(BatchBed bed) => bed.Services.GetRequiredService<FetchActivities>();

    private static Task<UploadStart> ReceiveAsync(BatchBed bed, FetchRequest request, string? key = null, string dataset = "orders") =>
        bed.Services.GetRequiredService<FetchReceiver>().ReceiveAsync(
            new BatchRequest(dataset, "tester", key, FetchRequest.MediaType, null, Stream.Null), request, default);

    private static string Show(Upload upload) => JsonSerializer.Serialize(UploadInfo.Of(upload), PlatformJson.Options);
}
