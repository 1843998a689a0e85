using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Platform.Tests.Tables;

namespace DataPlatform.Platform.Tests.Lake;

/// <summary>Directory operations object by object, on every kind of store.</summary>
public abstract class ObjectDirectoriesContract
{
    private readonly string _home = $"lake/directories/{Guid.NewGuid():n}";

    protected abstract IObjectStore Store { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ObjectDirectories Directories => new(Store);

    [Fact]
    public async Task A_rename_moves_all_that_lies_below_and_nothing_beside()
    {
        await PutAsync("a/1.csv", "1");
        await PutAsync("a/b/2.csv", "2");
        await PutAsync("a/b/c/3.json", "3");
        await PutAsync("ab/4.csv", "4");
        await PutAsync("a.csv", "5");

        var change = await Directories.TryRenameAsync(At("a"), At("z/y"), Cancel);

        Assert.Equal(new DirectoryChange(Atomic: false, Objects: 3), change);
        Assert.Equal(["a.csv=5", "ab/4.csv=4", "z/y/1.csv=1", "z/y/b/2.csv=2", "z/y/b/c/3.json=3"], await AllAsync());
        Assert.Equal("application/json", (await Store.GetInfoAsync(At("z/y/b/c/3.json"), Cancel))!.ContentType);
    }

    [Fact]
    public async Task A_rename_may_lead_into_another_container()
    {
        await PutAsync("a/1.csv", "1");
        var other = LakePath.Parse($"other{Guid.NewGuid():n}/x");

        Assert.NotNull(await Directories.TryRenameAsync(At("a"), other, Cancel));
        Assert.NotNull(await Store.GetInfoAsync(other.Append("1.csv"), Cancel));
        Assert.Empty(await AllAsync());
    }

    [Theory]
    [InlineData("b/old.csv")]
    [InlineData("b")]
    public async Task A_destination_in_use_is_refused(string taken)
    {
        await PutAsync("a/1.csv", "1");
        await PutAsync(taken, "old");

        var failure = await Assert.ThrowsAsync<TerminalException>(() => Directories.TryRenameAsync(At("a"), At("b"), Cancel));

        Assert.Equal(("PathConflict", FailureKind.Conflict), (failure.Code, failure.Kind));
        Assert.Equal(["a/1.csv=1", $"{taken}=old"], await AllAsync());
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "a/b")]
    [InlineData("a/b", "a")]
    public async Task A_rename_into_itself_is_refused(string source, string destination)
    {
        await PutAsync("a/b/1.csv", "1");
        var failure = await Assert.ThrowsAsync<TerminalException>(() => Directories.TryRenameAsync(At(source), At(destination), Cancel));
        Assert.Equal("InvalidPath", failure.Code);
        Assert.Equal(["a/b/1.csv=1"], await AllAsync());
    }

    [Fact]
    public async Task A_rename_that_fails_while_it_copies_can_be_tried_again()
    {
        await PutAsync("a/1.csv", "1");
        await PutAsync("a/2.csv", "2");
        var failing = new DisturbedStore(
            Store, path => path.FileName == "2.csv" ? throw new TransientException("Gone for a moment.") : Task.CompletedTask);

        await Assert.ThrowsAsync<TransientException>(() => new ObjectDirectories(failing).TryRenameAsync(At("a"), At("b"), Cancel));
        Assert.Equal(["a/1.csv=1", "a/2.csv=2"], await AllAsync());

        Assert.NotNull(await Directories.TryRenameAsync(At("a"), At("b"), Cancel));
        Assert.Equal(["b/1.csv=1", "b/2.csv=2"], await AllAsync());
    }

    [Fact]
    public async Task What_is_written_during_a_rename_is_not_lost()
    {
        await PutAsync("a/1.csv", "1");
        await PutAsync("a/2.csv", "2");
        var busy = new DisturbedStore(Store, path => path.FileName == "2.csv" ? PutAsync("a/1.csv", "newer") : Task.CompletedTask);

        var failure = await Assert.ThrowsAsync<TerminalException>(() => new ObjectDirectories(busy).TryRenameAsync(At("a"), At("b"), Cancel));

        Assert.Equal("PathConflict", failure.Code);
        Assert.Equal(["a/1.csv=newer", "a/2.csv=2", "b/1.csv=1", "b/2.csv=2"], await AllAsync());
    }

    [Fact]
    public async Task A_delete_removes_all_that_lies_below_and_nothing_beside()
    {
        for (var i = 0; i < 20; i++)
            await PutAsync($"a/{i % 3}/{i}.csv", "x");
        await PutAsync("ab/4.csv", "4");
        await PutAsync("a.csv", "5");

        Assert.Equal(new DirectoryChange(Atomic: false, Objects: 20), await Directories.TryDeleteAsync(At("a"), Cancel));
        Assert.Equal(["a.csv=5", "ab/4.csv=4"], await AllAsync());
    }

    [Fact]
    public async Task Where_nothing_is_nothing_is_done()
    {
        await PutAsync("file.csv", "1");
        Assert.Null(await Directories.TryDeleteAsync(At("none"), Cancel));
        Assert.Null(await Directories.TryRenameAsync(At("none"), At("b"), Cancel));
        Assert.Null(await Directories.TryDeleteAsync(At("file.csv"), Cancel));
        Assert.Null(await Directories.TryRenameAsync(At("file.csv"), At("b"), Cancel));
        Assert.Equal(["file.csv=1"], await AllAsync());
    }

    private LakePath At(string name) => LakePath.Parse($"{_home}/{name}");

    private async Task PutAsync(string name, string content) =>
        Assert.NotNull(await Store.TryPutAsync(
            At(name),
            Encoding.UTF8.GetBytes(content),
            PutCondition.None,
            name.EndsWith("json", StringComparison.Ordinal) ? "application/json" : null,
            Cancel));

    private async Task<List<string>> AllAsync()
    {
        var all = new List<string>();
        await foreach (var info in Store.ListAsync(LakePath.Parse(_home), null, Cancel))
        {
            using var reader = new StreamReader(await Store.OpenReadAsync(info.Path, null, Cancel));
            all.Add($"{info.Path.Value[(_home.Length + 1)..]}={await reader.ReadToEndAsync(Cancel)}");
        }

        return all;
    }

    private sealed class DisturbedStore(IObjectStore inner, Func<LakePath, Task> beforeRead) : WrappedObjectStore(inner)
    {
        public override async Task<Stream> OpenReadAsync(LakePath path, ByteRange? range, CancellationToken cancellationToken)
        {
            await beforeRead(path);
            return await base.OpenReadAsync(path, range, cancellationToken);
        }
    }
}
