using DataPlatform.Lake;
using DataPlatform.TestKit;

namespace DataPlatform.Platform.Tests.Files;

public sealed class BlobFolderWorkTests(AzuriteFixture azurite) : FolderWorkContract, IAsyncLifetime
{
    private BlobObjectStore _store = null!;

    protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync() =>
        _store = new BlobObjectStore(new StorageAccount(StorageAddress.Parse(await azurite.GetStorageAsync())));

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
