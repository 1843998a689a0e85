using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Platform.Tests.Lake;

public sealed class AddLakeTests
{
    [Fact]
    public async Task A_folder_is_shared_with_whoever_names_it()
    {
        using var store = new TestStore();
        await store.Objects.TryPutAsync(LakePath.Parse("lake/x"), "1"u8.ToArray(), PutCondition.None, null, TestContext.Current.CancellationToken);
        await store.Rows.TryInsertAsync("t", new RowKey("p", "a"), 1, TestContext.Current.CancellationToken);

        await using var services = Services(store.Storage);
        var objects = services.GetRequiredService<IObjectStore>();
        var rows = services.GetRequiredService<IRowStore>();

        Assert.IsType<FolderObjectStore>(objects);
        Assert.NotNull(await objects.GetInfoAsync(LakePath.Parse("lake/x"), TestContext.Current.CancellationToken));
        Assert.NotNull(await rows.GetAsync("t", new RowKey("p", "a"), TestContext.Current.CancellationToken));
        Assert.Same(objects, services.GetRequiredService<IObjectStore>());
    }

    [Fact]
    public async Task An_account_gets_blobs_and_tables()
    {
        await using var services = Services("UseDevelopmentStorage=true");
        Assert.IsType<BlobObjectStore>(services.GetRequiredService<IObjectStore>());
        Assert.IsType<AzureTableRowStore>(services.GetRequiredService<IRowStore>());
        Assert.IsType<FlatDirectories>(services.GetRequiredService<IDirectoryOperations>());
    }

    [Fact]
    public async Task A_wrong_setting_is_told_at_first_use()
    {
        await using var services = Services("nothing known");
        Assert.Equal("InvalidSetting", Assert.Throws<TerminalException>(() => services.GetRequiredService<IObjectStore>()).Code);
    }

    private static ServiceProvider Services(string storage) =>
        new ServiceCollection().AddLake().Configure<PlatformOptions>(options => options.Storage = storage).BuildServiceProvider();
}
