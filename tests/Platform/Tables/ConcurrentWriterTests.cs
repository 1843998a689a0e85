using System.Globalization;
using DataPlatform.Lake;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Many processes at one table, appending, merging and compacting, while checkpoints are written: each row lands once, and none is lost.</summary>
public sealed class ConcurrentWriterTests(AzuriteFixture azurite)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DATAPLATFORM_LONG") == "1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sixteen_writers_lose_and_double_nothing_in_a_folder()
    {
        using var store = new TestStore();
        await RunAsync(store.Objects, writers: 16, changes: 50);
    }

    [Fact]
    public async Task Writers_lose_and_double_nothing_in_Azurite()
    {
        var account = new StorageAccount(StorageAddress.Parse(await azurite.GetStorageAsync()));
        await RunAsync(new BlobObjectStore(account), writers: IsLong ? 16 : 8, changes: IsLong ? 50 : 12);
    }

    /// <param name="writers">Processes, each with its own committer and knowledge of the table.</param>
    /// <param name="changes">Of each: most are appends; some are merges, which replace the first file and count on in it, and some
    /// compactions, which make one file of the first two.</param>
    private static async Task RunAsync(IObjectStore objects, int writers, int changes)
    {
        var table = new TableName(TableKind.Dataset, $"flights_{Guid.NewGuid():N}");
        var options = Options.Create(new PlatformOptions { CheckpointCommits = 20 });
        var processes = Enumerable.Range(0, writers).Select(_ => new DeltaTables(objects, TimeProvider.System, NullLoggerFactory.Instance, options)).ToList();

        await Task.WhenAll(processes.Select((process, writer) => Task.Run(() => WriteAsync(process.Get(table), writer, changes), Token)));
        await Task.WhenAll(processes.Select(process => process.Get(table).UpkeepIdle));

        // The whole log, plainly: contiguous, each change in it once, each merge removed what was there.
        var entries = await new DeltaLog(table, objects).ReadAsync(-1, long.MaxValue, Token).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(0, entries.Count), entries.Select(entry => (int)entry.Version));
        var ids = entries.SelectMany(entry => entry.Commit.Batches.Select(batch => batch.Id).Concat(entry.Commit.OperationId is { } id ? [id] : [])).ToList();
        Assert.Equal(writers * changes, ids.Count);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var live = new HashSet<string>();
        foreach (var commit in entries.Select(entry => entry.Commit))
        {
            Assert.All(commit.Removed, file => Assert.True(live.Remove(file.Path), $"Version {commit.Version} removes {file.Path}, which is not there."));
            Assert.All(commit.Added, file => Assert.True(live.Add(file.Path), $"Version {commit.Version} adds {file.Path} again."));
        }

        // Merges and compactions take the rows of the files they remove along: all rows are there, each once.
        var merges = writers * Enumerable.Range(0, changes).Count(IsMerge);
        var compactions = writers * Enumerable.Range(0, changes).Count(IsCompaction);
        Assert.Equal(compactions, entries.Count(entry => !entry.Commit.DataChange));
        var snapshot = (await new DeltaTables(objects, TimeProvider.System, NullLoggerFactory.Instance).Get(table).TryGetSnapshotAsync(null, Token))!;
        Assert.Equal(live.Order(), snapshot.Files.Select(file => file.Path).Order());
        Assert.Equal((writers * changes) - merges - (2 * compactions), snapshot.Files.Count);
        Assert.Equal((writers * changes) - compactions, snapshot.Files.Sum(Rows));

        // And a reader that has nothing but a checkpoint sees the same.
        var log = new DeltaLog(table, objects);
        var last = await log.Checkpoints.TryReadLastAsync(Token);
        var state = (await log.Checkpoints.TryLoadAsync(last!, Token))!;
        await foreach (var entry in log.ReadAsync(state.Version, long.MaxValue, Token))
            state = state.Apply(entry);
        Assert.Equal(live.Order(), state.Files.Select(file => file.Path).Order());
        Assert.True(last!.Version > entries.Count / 2, $"The last checkpoint is of version {last.Version} of {entries.Count}.");
    }

    private static bool IsMerge(int change) => change % 5 == 4;

    private static bool IsCompaction(int change) => change % 10 == 7;

    private static async Task WriteAsync(DeltaTable table, int writer, int changes)
    {
        for (var i = 0; i < changes; i++)
        {
            var id = $"w{writer}-{i}";
            if (IsMerge(i))
                await ReplaceAsync(table, id, "MERGE", files: 1, newRows: 1);
            else if (IsCompaction(i))
                await ReplaceAsync(table, id, "OPTIMIZE", files: 2, newRows: 0);
            else
                await table.CommitAsync(AppendBatch(id) with { Add = [Counted(id, 1)] }, Token);
        }
    }

    /// <summary>Puts one file in the place of the first ones, with their rows and the new ones.</summary>
    private static async Task ReplaceAsync(DeltaTable table, string id, string operation, int files, int newRows)
    {
        while (true)
        {
            var snapshot = (await table.TryGetSnapshotAsync(null, Token))!;
            var first = snapshot.Files.Take(files).ToList();
            Assert.Equal(files, first.Count);
            var change = Append() with
            {
                Operation = operation,
                Add = [Counted(id, newRows + first.Sum(Rows))],
                Remove = [.. first.Select(file => file.Path)],
                DataChange = newRows > 0,
                ReadVersion = snapshot.Version,
                SinceVersion = snapshot.Version,
                ReadFiles = [],
                OperationId = id,
            };
            try
            {
                await table.CommitAsync(change, Token);
                return;
            }
            catch (CommitConflictException)
            {
                // Another one took one of those files.
            }
        }
    }

    private static int Rows(DataFile file) => int.Parse(file.Tags!["rows"]!, CultureInfo.InvariantCulture);

    private static DataFile Counted(string id, int rows) => File(DataFiles.NewName($"{id}-{Guid.NewGuid():N}", 0)) with
    {
        Tags = new Dictionary<string, string?> { ["rows"] = rows.ToString(CultureInfo.InvariantCulture) },
    };
}
