using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.TestKit;

namespace DataPlatform.Platform.Tests.Lake;

public sealed class SqliteRowStoreTests : RowStoreContract, IDisposable
{
    private readonly TestStore _store = new();

    protected override IRowStore Store => _store.Rows;

    [Fact]
    public async Task Two_stores_on_one_file_agree()
    {
        using var other = new SqliteRowStore(Path.Combine(_store.Folder, "rows.db"));
        await Store.TryInsertAsync("counters", Key("n"), 0, Cancel);
        await Task.WhenAll(new[] { Store, other }.Select(store => Task.Run(async () =>
        {
            for (var done = 0; done < 25;)
            {
                var row = await store.GetAsync<int>("counters", Key("n"), Cancel);
                if (await store.TryReplaceAsync("counters", Key("n"), row!.Value + 1, row.ETag, Cancel) is not null)
                    done++;
            }
        })));
        Assert.Equal(50, (await Store.GetAsync<int>("counters", Key("n"), Cancel))!.Value);
    }

    [Fact]
    public async Task Rows_are_there_when_the_file_is_opened_again()
    {
        var file = Path.Combine(_store.Folder, "again.db");
        using (var first = new SqliteRowStore(file))
            await first.TryInsertAsync("t", Key("a"), 1, Cancel);
        using var second = new SqliteRowStore(file);
        Assert.Equal(1, (await second.GetAsync<int>("t", Key("a"), Cancel))!.Value);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        var file = Path.Combine(_store.Folder, "text.db");
        await File.WriteAllTextAsync(file, new string('x', 5000), Cancel);
        var failure = Assert.Throws<TerminalException>(() => new SqliteRowStore(file));
        Assert.Equal("StorageNotUsable", failure.Code);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _store.Dispose();
}
