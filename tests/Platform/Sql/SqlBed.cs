using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Sql;

/// <summary>The real engine over a fresh folder store.</summary>
public sealed class SqlBed : IAsyncDisposable
{
    public static readonly TableName Table = new(TableKind.Warehouse, "facts");

    public SqlBed(Func<IObjectStore, IObjectStore>? wrap = null, long cacheBytes = 1 << 30, long memoryBytes = 256 << 20)
    {
        Store = new TestStore();
        Objects = wrap?.Invoke(Store.Objects) ?? Store.Objects;
        var options = Options.Create(new PlatformOptions
        {
            Storage = Store.Storage,
            Scratch = Path.Combine(Store.Folder, "scratch"),
            FileCacheBytes = cacheBytes,
            SqlMemoryBytes = memoryBytes,
        });
        Scratch = new ScratchFolder(options);
        Cache = new FileCache(Objects, Scratch, options);
        Engine = SqlEngine.ForWork(options, Scratch, Cache);
        Stage = new ParquetStage(Objects, Scratch, TimeProvider.System, options);
        Merge = new TableMerge(Engine, Stage);
        Inspector = new SqlInspector(Engine);
    }

    public TestStore Store { get; }

    public IObjectStore Objects { get; }

    public ScratchFolder Scratch { get; }

    public FileCache Cache { get; }

    public SqlEngine Engine { get; }

    public ParquetStage Stage { get; }

    public TableMerge Merge { get; }

    public SqlInspector Inspector { get; }

    /// <summary>A query's rows as text, columns with bars between.</summary>
    public static Task<IReadOnlyList<string>> RowsAsync(SqlSession session, string sql) =>
        session.ReadAsync(
            $"SELECT COLUMNS(*)::VARCHAR FROM ({sql})",
            [],
            reader => string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "NULL" : reader.GetString(i))),
            TestContext.Current.CancellationToken);

    /// <summary>Stages and uploads a query's result as files of <see cref="Table"/>.</summary>
    public async Task<(IReadOnlyList<TableColumn> Columns, IReadOnlyList<DataFile> Files)> WriteAsync(
        string select, ParquetOptions? options = null, TableName? table = null)
    {
        var token = TestContext.Current.CancellationToken;
        await using var session = await Engine.OpenAsync(token);
        using var staged = await Stage.WriteAsync(session, select, options, token);
        return (staged.Columns, await Stage.UploadAsync(staged, table ?? Table, "t", token));
    }

    public static Snapshot Snapshot(IReadOnlyList<TableColumn> columns, IReadOnlyList<DataFile> files, long version = 0) =>
        new(Table, "id", version, default, columns, [], files, new Dictionary<string, long>());

    public ValueTask DisposeAsync()
    {
        Engine.Dispose();
        Cache.Dispose();
        Scratch.Dispose();
        return Store.DisposeAsync();
    }
}
