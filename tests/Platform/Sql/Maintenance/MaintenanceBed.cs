using System.Globalization;
using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Sql.Maintenance;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Sql.Maintenance;

/// <summary>A real table with real files, whose time can be moved on.</summary>
public sealed class MaintenanceBed : IAsyncDisposable
{
    private static readonly CompactionOptions Small = new() { SmallBytes = 1 << 20, TargetBytes = 1 << 20 };

    public MaintenanceBed(Func<IObjectStore, IObjectStore>? wrap = null, IReadOnlyList<FilesRewritten>? followers = null)
    {
        Sql = new SqlBed(wrap);
        Followers = followers ?? [];
        Tables = Process();
        Holds = HoldsWith([]);
    }

    public SqlBed Sql { get; }

    /// <summary>Starts now: the times of files are the store's.</summary>
    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public DeltaTables Tables { get; }

    public TableHolds Holds { get; }

    public IReadOnlyList<FilesRewritten> Followers { get; }

    public DeltaTable Table => Tables.Get(SqlBed.Table);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public TableHolds HoldsWith(IReadOnlyList<HoldSource> sources) =>
        new(Sql.Store.Rows, sources, Clock, Options.Create(new PlatformOptions()), NullLogger<TableHolds>.Instance);

    public DeltaTables Process() => new(Sql.Objects, Clock, NullLoggerFactory.Instance);

    public Compaction Compaction(DeltaTables? process = null) => new(process ?? Tables, Sql.Engine, Sql.Stage, Followers);

    public RowChanges RowChanges() => new(Tables, Sql.Engine, Sql.Stage, Sql.Inspector, Followers);

    public TableRestore Restore() => new(Tables, Sql.Objects, Holds, Clock);

    public Task<CompactionResult> CompactAsync(string id, CompactionOptions? options = null, long since = -1) =>
        Compaction().RunAsync(SqlBed.Table, options ?? Small, id, since, Token);

    /// <summary>Appends a query's rows as files.</summary>
    public async Task<Commit> AppendAsync(string select, TableChange? more = null)
    {
        var (columns, files) = await Sql.WriteAsync(select);
        return await Table.CommitAsync(
            (more ?? new TableChange { Operation = "WRITE", Columns = columns }) with { Columns = columns, Add = files, AllowNewColumns = true }, Token);
    }

    /// <summary>Merges a query's rows by <paramref name="key"/>.</summary>
    public async Task<Commit> MergeAsync(string select, string key)
    {
        var (columns, files) = await Sql.WriteAsync(select);
        var merge = await Sql.Merge.MergeAsync(SqlBed.Table, await Table.TryGetSnapshotAsync(null, Token), columns, files, [key], orderBy: null, "m", Token);
        return await Table.CommitAsync(
            new TableChange
            {
                Operation = "MERGE",
                Columns = merge.Columns,
                Add = merge.Add,
                Remove = merge.Remove,
                ReadVersion = merge.ReadVersion,
                AllowNewColumns = true,
            },
            Token);
    }

    /// <summary>The rows of a version as one text: their number and a sum that tells them apart.</summary>
    public async Task<string> RowsAsync(long? version = null, string columns = "*", DeltaTables? process = null)
    {
        var snapshot = await (process ?? Tables).Get(SqlBed.Table).TryGetSnapshotAsync(version, Token);
        await using var session = await Sql.Engine.OpenAsync(Token);
        await session.MountAsync("t", snapshot!, new MountOptions { SystemColumns = true, DeletedRows = true, Instants = true }, Token);
        return (await SqlBed.RowsAsync(session, $"SELECT count(*), coalesce(sum(hash(r)::HUGEINT), 0) FROM (SELECT {columns} FROM t) r"))[0];
    }

    /// <summary>The objects below the table, without its log.</summary>
    public async Task<IReadOnlyList<string>> ObjectsAsync()
    {
        var root = SqlBed.Table.Root.Value.Length + 1;
        return await Sql.Objects.ListAsync(SqlBed.Table.Root, null, Token)
            .Select(info => info.Path.Value[root..])
            .Where(path => !path.StartsWith("_delta_log/", StringComparison.Ordinal))
            .ToListAsync(Token);
    }

    public static string Rows(int from, int count, int seed = 0) => string.Create(
        CultureInfo.InvariantCulture,
        $"SELECT range::INTEGER AS id, 'v' || (range * 7 + {seed}) AS v, TIMESTAMPTZ '2026-01-01' + to_minutes(range) AS at, 'b{seed}' AS _batch FROM range({from}, {from + count})");

    public ValueTask DisposeAsync() => Sql.DisposeAsync();
}
