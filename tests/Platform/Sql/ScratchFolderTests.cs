using DataPlatform.Failures;
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
    public void A_folder_that_cannot_be_is_refused_with_its_setting()
    {
        using var store = new TestStore();
        Directory.CreateDirectory(store.Folder);
        var file = Path.Combine(store.Folder, "scratch");
        File.WriteAllText(file, "a file");

        var refused = Assert.Throws<TerminalException>(() => new ScratchFolder(Options.Create(new PlatformOptions { Scratch = file })));

        Assert.Equal("ScratchNotUsable", refused.Code);
        Assert.Contains($"The scratch folder '{file}' cannot be created or written: give DataPlatform:Scratch", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_relative_path_is_below_the_temporary_folder_on_the_official_host_and_the_working_folder_elsewhere()
    {
        Assert.Equal(Path.Combine(Path.GetTempPath(), ".local", "scratch"), ScratchFolder.RootOf(".local/scratch", onOfficialHost: true));
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, ".local", "scratch"), ScratchFolder.RootOf(".local/scratch", onOfficialHost: false));
        Assert.Equal("/mnt/fast", ScratchFolder.RootOf("/mnt/fast", onOfficialHost: true));
    }
}
