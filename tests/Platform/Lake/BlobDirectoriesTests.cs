using DataPlatform.Lake;
using DataPlatform.TestKit;

namespace DataPlatform.Platform.Tests.Lake;

public sealed class BlobDirectoriesTests(AzuriteFixture azurite) : ObjectDirectoriesContract, IAsyncLifetime
{
    private BlobObjectStore _store = null!;

    protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync() =>
        _store = new BlobObjectStore(new StorageAccount(StorageAddress.Parse(await azurite.GetStorageAsync())));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
