using DataPlatform.Lake;
using DataPlatform.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Platform.Tests.Lake;

public sealed class FolderObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly TestStore _store = new();

    protected override IObjectStore Store => _store.Objects;

    [Fact]
    public async Task The_local_file_holds_the_object()
    {
        var path = At("x.txt");
        await PutAsync(path, "content");
        Assert.Equal("content", await File.ReadAllTextAsync(_store.Objects.TryGetLocalFile(path)!, Cancel));
    }

    [Fact]
    public async Task No_temporary_file_stays()
    {
        await PutAsync(At("x"), "1");
        await PutAsync(At("x"), "2");
        await Store.TryPutAsync(At("x"), default, PutCondition.IfAbsent, null, Cancel);
        await WriteAsync(At("y"), [1], PutCondition.None);
        await using (await Store.OpenWriteAsync(At("z"), PutCondition.None, null, Cancel))
        {
        }

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_store.Folder, "objects", ".tmp")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_store.Folder, "objects", ".types")));
    }

    [Fact]
    public async Task Content_types_of_replaced_and_deleted_objects_go_with_them()
    {
        await Store.TryPutAsync(At("x"), default, PutCondition.None, "a/b", Cancel);
        await Store.TryPutAsync(At("x"), default, PutCondition.None, "c/d", Cancel);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_store.Folder, "objects", ".types")));
        await Store.TryDeleteAsync(At("x"), null, Cancel);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_store.Folder, "objects", ".types")));
    }

    [Fact]
    public async Task An_object_cannot_lie_below_another_nor_take_a_folders_place()
    {
        await PutAsync(At("a/b"), "1");
        var below = await Assert.ThrowsAsync<DataPlatform.Failures.TerminalException>(() => PutAsync(At("a/b/c/d"), "2"));
        var above = await Assert.ThrowsAsync<DataPlatform.Failures.TerminalException>(() => PutAsync(At("a"), "2"));
        Assert.Equal("PathConflict", below.Code);
        Assert.Equal("PathConflict", above.Code);
        Assert.Null(await Store.GetInfoAsync(At("a"), Cancel));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync(At("a"), null, Cancel));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync(At("a/b/c"), null, Cancel));
    }

    [Fact]
    public async Task Files_a_dead_process_left_are_removed_after_a_day()
    {
        var temporary = Path.Combine(_store.Folder, "objects", ".tmp");
        var old = Path.Combine(temporary, "old");
        var young = Path.Combine(temporary, "young");
        await File.WriteAllTextAsync(old, "x", Cancel);
        await File.WriteAllTextAsync(young, "x", Cancel);
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25));

        _ = new FolderObjectStore(Path.Combine(_store.Folder, "objects"), NullLogger<FolderObjectStore>.Instance);

        Assert.Equal([young], Directory.EnumerateFiles(temporary));
    }

    [Fact]
    public async Task Two_stores_on_one_folder_agree()
    {
        var other = new FolderObjectStore(Path.Combine(_store.Folder, "objects"), NullLogger<FolderObjectStore>.Instance);
        var path = At("counter.txt");
        await PutAsync(path, "0");
        await Task.WhenAll(new[] { Store, other }.Select(store => Task.Run(async () =>
        {
            for (var done = 0; done < 25;)
            {
                var info = await store.GetInfoAsync(path, Cancel);
                var next = int.Parse(await ReadAsync(path)) + 1;
                if (await store.TryPutAsync(path, System.Text.Encoding.UTF8.GetBytes($"{next}"), PutCondition.IfMatch(info!.ETag), null, Cancel) is not null)
                    done++;
            }
        })));
        Assert.Equal("50", await ReadAsync(path));
    }

    [Fact]
    public void A_root_that_cannot_be_used_is_named()
    {
        var file = Path.Combine(_store.Folder, "file");
        File.WriteAllText(file, "");
        var failure = Assert.Throws<DataPlatform.Failures.TerminalException>(
            () => new FolderObjectStore(Path.Combine(file, "x"), NullLogger<FolderObjectStore>.Instance));
        Assert.Equal("StorageNotUsable", failure.Code);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _store.Dispose();
}
