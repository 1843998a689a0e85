using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests.Guides;

/// <summary>The commands of the guides work, and answer what the guides show.</summary>
public sealed class GuideTests
{
    [Theory]
    [InlineData("docs/guides/csv-to-warehouse.md")]
    [InlineData("docs/guides/quarantine.md")]
    [InlineData("docs/lake.md")]
    [InlineData("docs/query.md")]
    public async Task A_guide_can_be_followed(string guide)
    {
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        await GuideRunner.RunAsync(Guide.Read(Path.Combine(Repository.Root, guide)), host.Client.BaseAddress!, host.Key, folder.Path);
    }
}
