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

    [Fact]
    public void A_relative_path_is_below_the_temporary_folder_in_Azure_and_the_working_folder_elsewhere()
    {
        Assert.Equal(Path.Combine(Path.GetTempPath(), ".local", "scratch"), ScratchFolder.RootOf(".local/scratch", inAzure: true));
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, ".local", "scratch"), ScratchFolder.RootOf(".local/scratch", inAzure: false));
        Assert.Equal("/mnt/fast", ScratchFolder.RootOf("/mnt/fast", inAzure: true));
    }
}
