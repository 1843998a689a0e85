using System.Text;
using Azure.Storage.Blobs.Specialized;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.TestKit;

namespace DataPlatform.Platform.Tests.Lake;

/// <summary>The contract on Azurite, and what is particular to blobs.</summary>
public sealed class BlobObjectStoreTests(AzuriteFixture azurite) : ObjectStoreContract, IAsyncLifetime
{
    private StorageAccount _account = null!;
    private BlobObjectStore _store = null!;

    protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _account = new StorageAccount(StorageAddress.Parse(await azurite.GetStorageAsync()));
        _store = new BlobObjectStore(_account);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Blocks_that_another_staged_and_never_committed_do_not_stop_a_put_if_absent()
    {
        var path = At("staged.txt");
        await PutAsync(At("container-is-there"), "");
        using var body = new MemoryStream([1, 2, 3]);
        await _store.BlobOf(path).StageBlockAsync(Convert.ToBase64String(new byte[24]), body, cancellationToken: Cancel);

        Assert.NotNull(await Store.TryPutAsync(path, "mine"u8.ToArray(), PutCondition.IfAbsent, null, Cancel));
        Assert.Equal("mine", await ReadAsync(path));
    }

    [Fact]
    public async Task A_put_whose_first_answer_was_lost_is_recognised_as_won()
    {
        await PutAsync(At("container-is-there"), "");
        await using var proxy = new LossyProxy(_account.Blobs.Uri);
        var store = new BlobObjectStore(new StorageAccount(StorageAddress.Parse(proxy.Rewrite(await azurite.GetStorageAsync()))));

        proxy.LoseAnswers(1);
        var put = await store.TryPutAsync(At("put.txt"), "mine"u8.ToArray(), PutCondition.IfAbsent, null, Cancel);
        Assert.Equal(0, proxy.AnswersToLose);
        Assert.Equal(put, await Store.GetInfoAsync(At("put.txt"), Cancel));

        proxy.LoseAnswers(1);
        var replaced = await store.TryPutAsync(At("put.txt"), "mine again"u8.ToArray(), PutCondition.IfMatch(put!.ETag), null, Cancel);
        Assert.Equal(0, proxy.AnswersToLose);
        Assert.Equal(replaced, await Store.GetInfoAsync(At("put.txt"), Cancel));

        proxy.LoseAnswers(1);
        Assert.Null(await store.TryPutAsync(At("put.txt"), "another's"u8.ToArray(), PutCondition.IfAbsent, null, Cancel));
        Assert.Equal("mine again", await ReadAsync(At("put.txt")));
    }

    [Fact]
    public async Task A_commit_of_blocks_whose_first_answer_was_lost_is_recognised_as_won()
    {
        await PutAsync(At("container-is-there"), "");
        await using var proxy = new LossyProxy(_account.Blobs.Uri);
        var store = new BlobObjectStore(new StorageAccount(StorageAddress.Parse(proxy.Rewrite(await azurite.GetStorageAsync()))));

        await using var stream = await store.OpenWriteAsync(At("large.bin"), PutCondition.IfAbsent, null, Cancel);
        await stream.WriteAsync(new byte[20 << 20], Cancel);
        await proxy.QuietAsync(Cancel);
        proxy.LoseAnswersTo("comp=blocklist", 1);
        var info = await stream.CompleteAsync(Cancel);

        Assert.Equal(0, proxy.AnswersToLose);
        Assert.Equal(info, await Store.GetInfoAsync(At("large.bin"), Cancel));
    }

    [Fact]
    public async Task A_read_goes_on_where_its_connection_was_dropped()
    {
        var content = new byte[12 << 20];
        new Random(3).NextBytes(content);
        await WriteAsync(At("large.bin"), content, PutCondition.None);
        await using var proxy = new LossyProxy(_account.Blobs.Uri);
        var store = new BlobObjectStore(new StorageAccount(StorageAddress.Parse(proxy.Rewrite(await azurite.GetStorageAsync()))));

        proxy.CutAnswersAfter(3 << 20, times: 2);
        await using var stream = await store.OpenReadAsync(At("large.bin"), null, Cancel);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read, Cancel);

        Assert.Equal(0, proxy.AnswersToCut);
        Assert.True(content.AsSpan().SequenceEqual(read.ToArray()));
    }

    [Fact]
    public async Task Folder_placeholders_of_hierarchical_accounts_are_no_objects()
    {
        await PutAsync(At("container-is-there"), "");
        var options = new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = new Dictionary<string, string> { ["hdi_isfolder"] = "true" } };
        await _store.BlobOf(At("folder")).UploadAsync(Stream.Null, options, Cancel);
        await PutAsync(At("folder/x"), "1");

        Assert.Null(await Store.GetInfoAsync(At("folder"), Cancel));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync(At("folder"), null, Cancel));
        Assert.Equal([At("container-is-there"), At("folder/x")], (await ListAsync(LakePath.Parse(At("x").Value[..^2]), null)).Select(o => o.Path));
        var failure = await Assert.ThrowsAsync<TerminalException>(
            () => Store.TryPutAsync(At("folder"), default, PutCondition.IfAbsent, null, Cancel));
        Assert.Equal("PathConflict", failure.Code);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("a\"b\r\nx: y")]
    public async Task An_ETag_that_no_blob_has_matches_none(string etag)
    {
        await PutAsync(At("x"), "1");
        Assert.Null(await Store.TryPutAsync(At("x"), default, PutCondition.IfMatch(etag), null, Cancel));
        Assert.Null(await WriteAsync(At("x"), new byte[9 << 20], PutCondition.IfMatch(etag)));
        Assert.False(await Store.TryDeleteAsync(At("x"), etag, Cancel));
        Assert.Equal("1", await ReadAsync(At("x")));
    }

    [Fact]
    public async Task A_failed_block_is_told_to_the_writer()
    {
        await PutAsync(At("container-is-there"), "");
        await using var proxy = new LossyProxy(_account.Blobs.Uri);
        var store = new BlobObjectStore(new StorageAccount(StorageAddress.Parse(proxy.Rewrite(await azurite.GetStorageAsync()))));
        await using var stream = await store.OpenWriteAsync(At("large.bin"), PutCondition.None, null, Cancel);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(new string('x', 1000)), Cancel);
        proxy.LoseAnswers(int.MaxValue);
        await Assert.ThrowsAsync<TransientException>(async () =>
        {
            for (var i = 0; i < 10; i++)
                await stream.WriteAsync(new byte[8 << 20], Cancel);
        });
        await stream.DisposeAsync();
        Assert.Null(await Store.GetInfoAsync(At("large.bin"), Cancel));
    }
}
