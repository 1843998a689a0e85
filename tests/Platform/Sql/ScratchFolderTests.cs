using DataPlatform.Sql;
using DataPlatform.TestKit;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Sql;

public sealed class ScratchFolderTests
{
    [Fact]
    public void What_a_killed_process_left_is_removed_and_what_lives_stays()
    {
        using var store = new TestStore();
        var options = Options.Create(new PlatformOptions { Scratch = store.Folder });
        using var living = new ScratchFolder(options);
        var dead = Directory.CreateDirectory(Path.Combine(store.Folder, "p-dead")).FullName;
        File.WriteAllText(Path.Combine(dead, "in-use"), "");
        File.WriteAllText(Path.Combine(dead, "cache"), "half a file");

        using var next = new ScratchFolder(options);

        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists(living.Path));
        Assert.NotEqual(living.Path, next.Path);
    }
}
