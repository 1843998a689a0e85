using System.Text;
using DataPlatform.Aggregation;
using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Aggregation;

/// <summary>A source table <c>facts</c>, a catalog and the refresher over them, without a host.</summary>
public sealed class MartBed : IAsyncDisposable
{
    public const string Mart = "sums";

    private const string Pipeline =
        """{ "name": "make", "steps": [ { "name": "one", "target": "facts", "sql": "SELECT 1 AS x" } ] }""";

    public MartBed()
    {
        Catalog = new CatalogStore(
            Sql.Objects, Sql.Store.Rows, TimeProvider.System, Options.Create(new PlatformOptions()), NullLogger<CatalogStore>.Instance);
        Tables = new DeltaTables(Sql.Objects, TimeProvider.System, NullLoggerFactory.Instance);
        Compiler = new MartCompiler(Sql.Inspector);
        Refresher = Instance(Tables);
        Verifier = new MartVerifier(new MartSources(Catalog, new TableCatalog(Catalog), Tables), Sql.Engine, Compiler);
    }

    public SqlBed Sql { get; } = new();

    public CatalogStore Catalog { get; }

    public DeltaTables Tables { get; }

    public MartCompiler Compiler { get; }

    public MartRefresher Refresher { get; }

    public MartVerifier Verifier { get; }

    public DeltaTable MartTable => Tables.Get(new TableName(TableKind.Mart, Mart));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What another process has.</summary>
    public MartRefresher OtherInstance(long fileBytes = 64 << 20, long smallFileBytes = 16 << 20) =>
        Instance(new DeltaTables(Sql.Objects, TimeProvider.System, NullLoggerFactory.Instance), fileBytes, smallFileBytes);

    public async Task<Commit> WriteAsync(string select, bool append = false)
    {
        var (columns, files) = await Sql.WriteAsync(select);
        return await Tables.Get(SqlBed.Table).CommitAsync(
            new TableChange { Operation = "WRITE", Columns = columns, Add = files, RemoveAll = !append }, Token);
    }

    /// <summary>Puts a query's result over <c>facts</c> in the place of the source's rows.</summary>
    /// <param name="dataChange">False for a query that gives the same rows.</param>
    public async Task RewriteSourceAsync(string select, bool dataChange)
    {
        var table = Tables.Get(SqlBed.Table);
        var current = (await table.TryGetSnapshotAsync(version: null, Token))!;
        await using var session = await Sql.Engine.OpenAsync(Token);
        await session.MountAsync("facts", current, options: null, Token);
        using var staged = await Sql.Stage.WriteAsync(session, select, options: null, Token);
        var files = await Sql.Stage.UploadAsync(staged, table.Name, "rewrite", Token);
        await table.CommitAsync(
            new TableChange
            {
                Operation = "WRITE",
                Columns = staged.Columns,
                Add = files,
                Remove = [.. current.Files.Select(file => file.Path)],
                ReadVersion = current.Version,
                DataChange = dataChange,
            },
            Token);
    }

    /// <summary>Drops the source and makes another table of its name.</summary>
    public async Task ReplaceSourceAsync(string select)
    {
        var table = Tables.Get(SqlBed.Table);
        var current = (await table.TryGetSnapshotAsync(version: null, Token))!;
        await table.CommitAsync(
            new TableChange { Operation = "DROP TABLE", Columns = [], RemoveAll = true, ReadVersion = current.Version, OperationId = "drop", SinceVersion = current.Version, Drops = true }, Token);
        await WriteAsync(select);
    }

    /// <summary>The mart's shown rows and those of a query over the source, as text, sorted.</summary>
    public async Task<(IReadOnlyList<string> Mart, IReadOnlyList<string> Direct)> SortedRowsAsync(string direct)
    {
        var (mart, expected) = await RowsAsync(direct);
        return ([.. mart.Order(StringComparer.Ordinal)], [.. expected.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Makes a query's result over <c>mart</c> its content, as of the same source and definition.</summary>
    public async Task RewriteMartAsync(string select)
    {
        var current = (await MartTable.TryGetSnapshotAsync(version: null, Token))!;
        await using var session = await Sql.Engine.OpenAsync(Token);
        await session.MountAsync("mart", current, new MountOptions { SystemColumns = true }, Token);
        using var staged = await Sql.Stage.WriteAsync(session, select, options: null, Token);
        var files = await Sql.Stage.UploadAsync(staged, MartTable.Name, "rewrite", Token);
        await MartTable.CommitAsync(new TableChange { Operation = "WRITE", Columns = staged.Columns, Add = files, RemoveAll = true }, Token);
    }

    /// <param name="members">The definition's members besides its name.</param>
    /// <returns>The definition version.</returns>
    public async Task<long> DefineAsync(string members)
    {
        await Catalog.PutAsync<PipelineDefinition>("make", Encoding.UTF8.GetBytes(Pipeline), PutCondition.None, Token);
        var put = await Catalog.PutAsync<MartDefinition>(
            Mart, Encoding.UTF8.GetBytes($$"""{ "name": "{{Mart}}", {{members}} }"""), PutCondition.None, Token);
        return put.Entry.Version;
    }

    public async Task<RefreshResult> RefreshAsync(long definitionVersion, string operationId)
    {
        var plan = await Refresher.PlanAsync(Mart, definitionVersion, Token);
        return await Refresher.ComputeAsync(plan, operationId, Token);
    }

    /// <summary>The mart's rows in the order of its files, and those of a query over the source, as text.</summary>
    public async Task<(IReadOnlyList<string> Mart, IReadOnlyList<string> Direct)> RowsAsync(string direct)
    {
        var mart = await MartTable.TryGetSnapshotAsync(version: null, Token);
        var source = await Tables.Get(SqlBed.Table).TryGetSnapshotAsync(version: null, Token);
        await using var session = await Sql.Engine.OpenAsync(Token);
        await session.MountAsync("mart", mart!, options: null, Token);
        await session.MountAsync("facts", source!, options: null, Token);
        return (await SqlBed.RowsAsync(session, "SELECT * FROM mart"), await SqlBed.RowsAsync(session, direct));
    }

    public ValueTask DisposeAsync() => Sql.DisposeAsync();

    private MartRefresher Instance(DeltaTables tables, long fileBytes = 64 << 20, long smallFileBytes = 16 << 20) => new(
        Catalog, new TableCatalog(Catalog), tables, Sql.Engine, Compiler, new RefreshDecider(Catalog, Sql.Inspector, new TouchedPartitions(tables, Sql.Objects)), Sql.Stage, new TableLineage(tables), NullLogger<MartRefresher>.Instance)
    {
        FileBytes = fileBytes,
        SmallFileBytes = smallFileBytes,
    };
}
