using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Files;

public sealed class LocalFolderWorkTests : FolderWorkContract
{
    protected override IObjectStore Store => Rows.Objects;
}
