using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Sql;

namespace DataPlatform.Platform.Tests.Sql;

public sealed class FileCacheTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_readers_share_one_download()
    {
        RemoteStore? remote = null;
        await using var bed = new SqlBed(inner => remote = new RemoteStore(inner));
        var path = await PutAsync(bed, "a", 1000);
        var gate = new TaskCompletionSource();
        remote!.Gate = gate.Task;

        var waiting = Enumerable.Range(0, 20).Select(_ => bed.Cache.LeaseAsync(path, 1000, Token)).ToArray();
        gate.SetResult();
        var leases = await Task.WhenAll(waiting);

        Assert.Equal(1, remote.Reads);
        Assert.Single(leases.Select(lease => lease.Path).Distinct());
        Assert.Equal(1000, new FileInfo(leases[0].Path).Length);
    }

    [Fact]
    public async Task The_least_recently_used_goes_first_and_leased_files_stay()
    {
        RemoteStore? remote = null;
        await using var bed = new SqlBed(inner => remote = new RemoteStore(inner), cacheBytes: 2500);
        var (a, b, c) = (await PutAsync(bed, "a", 1000), await PutAsync(bed, "b", 1000), await PutAsync(bed, "c", 1000));

        var held = await bed.Cache.LeaseAsync(a, 1000, Token);
        string second;
        using (var lease = await bed.Cache.LeaseAsync(b, 1000, Token))
            second = lease.Path;
        (await bed.Cache.LeaseAsync(c, 1000, Token)).Dispose();

        Assert.True(File.Exists(held.Path));
        Assert.False(File.Exists(second));
        Assert.Equal(2000, bed.Cache.Bytes);

        held.Dispose();
        (await bed.Cache.LeaseAsync(a, 1000, Token)).Dispose();
        Assert.Equal(3, remote!.Reads);
    }

    [Fact]
    public async Task Under_several_sessions_only_what_is_leased_outgrows_the_bound_and_the_disk_holds_what_is_counted()
    {
        const int bound = 5000;
        await using var bed = new SqlBed(inner => new RemoteStore(inner), cacheBytes: bound);
        var paths = new List<LakePath>();
        for (var i = 0; i < 20; i++)
            paths.Add(await PutAsync(bed, $"f{i}", 1000));

        await Parallel.ForEachAsync(Enumerable.Range(0, 8), Token, async (session, token) =>
        {
            var random = new Random(session);
            for (var turn = 0; turn < 30; turn++)
            {
                var wanted = Enumerable.Range(0, paths.Count).OrderBy(_ => random.Next()).Take(3).Select(i => (paths[i], 1000L)).ToArray();
                var leases = await bed.Cache.LeaseAsync(wanted, token);
                Assert.All(leases, lease => Assert.Equal(1000, new FileInfo(lease.Path).Length));
                Assert.InRange(bed.Cache.Bytes, 3000, bound + (8 * 3000));
                foreach (var lease in leases)
                    lease.Dispose();
            }
        });

        var last = await bed.Cache.LeaseAsync(paths[0], 1000, Token);
        var files = new DirectoryInfo(Path.GetDirectoryName(last.Path)!).GetFiles();
        last.Dispose();
        Assert.InRange(bed.Cache.Bytes, 1000, bound);
        Assert.Equal(bed.Cache.Bytes, files.Sum(file => file.Length));
    }

    [Fact]
    public async Task A_reader_that_gives_up_does_not_stop_the_others()
    {
        RemoteStore? remote = null;
        await using var bed = new SqlBed(inner => remote = new RemoteStore(inner));
        var path = await PutAsync(bed, "a", 1000);
        var gate = new TaskCompletionSource();
        remote!.Gate = gate.Task;
        using var impatient = new CancellationTokenSource();

        var first = bed.Cache.LeaseAsync(path, 1000, impatient.Token);
        var second = bed.Cache.LeaseAsync(path, 1000, Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();

        using var lease = await second;
        Assert.True(File.Exists(lease.Path));
    }

    [Fact]
    public async Task An_abandoned_download_leaves_nothing_and_can_be_had_again()
    {
        RemoteStore? remote = null;
        await using var bed = new SqlBed(inner => remote = new RemoteStore(inner));
        var path = await PutAsync(bed, "a", 1000);
        remote!.Gate = new TaskCompletionSource().Task;
        using var impatient = new CancellationTokenSource();

        var first = bed.Cache.LeaseAsync(path, 1000, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(0, bed.Cache.Bytes);

        remote.Gate = Task.CompletedTask;
        using var lease = await bed.Cache.LeaseAsync(path, 1000, Token);
        Assert.Equal(1000, new FileInfo(lease.Path).Length);
    }

    [Fact]
    public async Task A_file_of_another_length_is_refused_and_a_missing_one_named()
    {
        await using var bed = new SqlBed(inner => new RemoteStore(inner));
        var path = await PutAsync(bed, "a", 1000);

        await Assert.ThrowsAsync<TransientException>(() => bed.Cache.LeaseAsync(path, 999, Token));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => bed.Cache.LeaseAsync(LakePath.Parse("lake/none"), 1, Token));
        Assert.Equal(0, bed.Cache.Bytes);
        Assert.Empty(Directory.EnumerateFiles(bed.Scratch.Folder("cache")));
    }

    [Fact]
    public async Task Files_of_a_folder_store_are_read_in_place()
    {
        await using var bed = new SqlBed();
        var path = await PutAsync(bed, "a", 1000);

        using var lease = await bed.Cache.LeaseAsync(path, 1000, Token);

        Assert.Equal(bed.Objects.TryGetLocalFile(path), lease.Path);
        Assert.Equal(0, bed.Cache.Bytes);
    }

    private static async Task<LakePath> PutAsync(SqlBed bed, string name, int length)
    {
        var path = LakePath.Parse($"lake/{name}");
        await bed.Objects.TryPutAsync(path, new byte[length], PutCondition.None, contentType: null, Token);
        return path;
    }
}
