using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests.Guides;

/// <summary>The commands of the guides work, and answer what the guides show.</summary>
public sealed class GuideTests
{
    /// <summary>That readers are asked to set.</summary>
    private static readonly Dictionary<string, string> Settings = new() { ["DataPlatform__EmbedKey"] = "a-secret-of-at-least-32-characters" };

    [Theory]
    [InlineData("docs/guides/csv-to-warehouse.md")]
    [InlineData("docs/guides/embed-a-dashboard.md")]
    [InlineData("docs/guides/quarantine.md")]
    [InlineData("docs/lake.md")]
    [InlineData("docs/query.md")]
    public async Task A_guide_can_be_followed(string guide)
    {
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path, Settings);
        await GuideRunner.RunAsync(Guide.Read(Path.Combine(Repository.Root, guide)), host.Client.BaseAddress!, host.Key, folder.Path);
    }
}
