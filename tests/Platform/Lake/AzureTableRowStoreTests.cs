using DataPlatform.Lake;
using DataPlatform.TestKit;

namespace DataPlatform.Platform.Tests.Lake;

/// <summary>The contract on Azurite, and what is particular to tables.</summary>
public sealed class AzureTableRowStoreTests(AzuriteFixture azurite) : RowStoreContract, IAsyncLifetime
{
    private StorageAccount _account = null!;
    private AzureTableRowStore _store = null!;

    protected override IRowStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _account = new StorageAccount(StorageAddress.Parse(await azurite.GetStorageAsync()));
        _store = new AzureTableRowStore(_account);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_write_whose_first_answer_was_lost_is_recognised_as_done()
    {
        await Store.UpsertAsync("t", Key("table-is-there"), 1, Cancel);
        await using var proxy = new LossyProxy(_account.Tables.Uri);
        var store = new AzureTableRowStore(new StorageAccount(StorageAddress.Parse(proxy.Rewrite(await azurite.GetStorageAsync()))));

        proxy.LoseAnswers(1);
        var inserted = await store.TryInsertAsync("t", Key("a"), Json("1"), Cancel);
        Assert.Equal(0, proxy.AnswersToLose);
        Assert.Equal(inserted!.ETag, (await Store.GetAsync("t", Key("a"), Cancel))!.ETag);

        proxy.LoseAnswers(1);
        var replaced = await store.TryReplaceAsync("t", Key("a"), Json("2"), inserted.ETag, Cancel);
        Assert.Equal(0, proxy.AnswersToLose);
        Assert.Equal(replaced!.ETag, (await Store.GetAsync("t", Key("a"), Cancel))!.ETag);

        proxy.LoseAnswers(1);
        Assert.True(await store.TryBatchAsync(
            "t", [RowOperation.Delete(Key("table-is-there")), RowOperation.Insert(Key("b"), 1), RowOperation.Replace(Key("a"), 3, replaced.ETag)], Cancel));
        Assert.Equal(0, proxy.AnswersToLose);

        proxy.LoseAnswers(1);
        Assert.Null(await store.TryInsertAsync("t", Key("b"), Json("2"), Cancel));
        Assert.Equal(0, proxy.AnswersToLose);
        Assert.Equal("1", Text((await Store.GetAsync("t", Key("b"), Cancel))!));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("W/\"a\r\nb\"")]
    public async Task An_ETag_that_no_entity_has_matches_none(string etag)
    {
        await Store.UpsertAsync("t", Key("x"), 1, Cancel);
        Assert.Null(await Store.TryReplaceAsync("t", Key("x"), Json("2"), etag, Cancel));
        Assert.False(await Store.TryDeleteAsync("t", Key("x"), etag, Cancel));
        Assert.False(await Store.TryBatchAsync("t", [RowOperation.Replace(Key("x"), 3, etag)], Cancel));
        Assert.Equal("1", Text((await Store.GetAsync("t", Key("x"), Cancel))!));
    }

    [Theory]
    [InlineData("receipts", "dpreceipts")]
    [InlineData("api_keys", "dpapikeysx")]
    [InlineData("a", "dpa")]
    public void Table_names_are_what_Azure_takes(string name, string start)
    {
        var table = TableRow.TableNameOf(name);
        Assert.StartsWith(start, table, StringComparison.Ordinal);
        Assert.Matches("^[A-Za-z][A-Za-z0-9]{2,62}$", table);
    }

    [Fact]
    public void Different_names_are_different_tables() => Assert.Equal(
        4, new[] { "ab", "a_b", "a-b", "ab_" }.Select(TableRow.TableNameOf).Distinct(StringComparer.OrdinalIgnoreCase).Count());
}
