using DataPlatform.Lake;
using DataPlatform.TestKit;

namespace DataPlatform.Platform.Tests.Lake;

public sealed class FolderDirectoriesTests : ObjectDirectoriesContract, IDisposable
{
    private readonly TestStore _store = new();

    protected override IObjectStore Store => _store.Objects;

    public void Dispose() => _store.Dispose();
}
