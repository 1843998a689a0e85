using System.Text;
using DataPlatform.Aggregation;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Platform.Tests.Sql;
using DataPlatform.Processing;
using DataPlatform.Sql;
using DataPlatform.Tables;
using DataPlatform.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Platform.Tests.Processing;

/// <summary>Pipelines over a fresh folder store, with every real part but the durable host: activities are called one after another.</summary>
public sealed class PipelineBed : IAsyncDisposable
{
    private readonly TestStore _store = new();
    private readonly Func<ServiceProvider> _open;
    private ServiceProvider _services;

    /// <param name="remote">Whether table files must be fetched, as from an account, instead of read in place.</param>
    /// <param name="configure">Changes more options.</param>
    /// <param name="clock">Null takes the system's.</param>
    public PipelineBed(bool remote = false, Action<PlatformOptions>? configure = null, TimeProvider? clock = null)
    {
        _open = () => new ServiceCollection()
            .AddLogging()
            .Configure<PlatformOptions>(options =>
            {
                options.Storage = _store.Storage;
                options.Scratch = Path.Combine(_store.Folder, "scratch");
                options.SqlMemoryBytes = 256 << 20;
                configure?.Invoke(options);
            })
            .AddSingleton(clock ?? TimeProvider.System)
            .AddSingleton(remote ? new RemoteStore(_store.Objects) : _store.Objects)
            .AddSingleton(_store.Rows)
            .AddTables()
            .AddSql()
            .AddCatalog()
            .AddOperations()
            .AddIngestion()
            .AddProcessing()
            .AddAggregation()
            .BuildServiceProvider(validateScopes: true);
        _services = _open();
    }

    public RunStore Runs => Get<RunStore>();

    public DeltaTables Tables => Get<DeltaTables>();

    public PipelineActivities Activities => Get<PipelineActivities>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>What a process that starts now knows: nothing but what is stored.</summary>
    public async Task ReopenAsync()
    {
        await _services.DisposeAsync();
        _services = _open();
    }

    /// <summary>Takes one of a run's documents away, as if the process had ended before it wrote it.</summary>
    public async Task ForgetAsync(LakePath document) =>
        Assert.True(await _store.Rows.TryDeleteAsync(RunStore.Table, RunFiles.RowOf(document), etag: null, Token));

    public Task PutDatasetAsync(string name, string fields) =>
        Get<CatalogStore>().PutAsync<DatasetDefinition>(
            name, Encoding.UTF8.GetBytes($$"""{ "fields": [ {{fields}} ] }"""), PutCondition.None, Token);

    public Task PutPipelineAsync(string name, string steps) =>
        Get<CatalogStore>().PutAsync<PipelineDefinition>(
            name, Encoding.UTF8.GetBytes($$"""{ "steps": [ {{steps}} ] }"""), PutCondition.None, Token);

    /// <summary>Commits a query's result to a dataset table.</summary>
    public async Task<Commit> LoadAsync(string dataset, string select, bool replace = false, bool dataChange = true)
    {
        var table = new TableName(TableKind.Dataset, dataset);
        await using var session = await Get<SqlEngine>().OpenAsync(Token);
        using var staged = await Get<ParquetStage>().WriteAsync(session, select, options: null, Token);
        var files = await Get<ParquetStage>().UploadAsync(staged, table, "batch", Token);
        return await Tables.Get(table).CommitAsync(
            new TableChange
            {
                Operation = "WRITE",
                Columns = staged.Columns,
                Add = files,
                RemoveAll = replace,
                DataChange = dataChange,
                AllowNewColumns = true,
            },
            Token);
    }

    /// <summary>Replaces a table's files by a query over it.</summary>
    public async Task<Commit> RewriteAsync(TableName table, string select, bool dataChange)
    {
        var snapshot = (await Tables.Get(table).TryGetSnapshotAsync(version: null, Token))!;
        await using var session = await Get<SqlEngine>().OpenAsync(Token);
        await session.MountAsync(table.Name, snapshot, options: null, Token);
        using var staged = await Get<ParquetStage>().WriteAsync(session, select, options: null, Token);
        var files = await Get<ParquetStage>().UploadAsync(staged, table, "rewritten", Token);
        return await Tables.Get(table).CommitAsync(
            new TableChange { Operation = "OPTIMIZE", Columns = staged.Columns, Add = files, RemoveAll = true, DataChange = dataChange }, Token);
    }

    public Task PutMartAsync(string name, string source) => Get<CatalogStore>().PutAsync<MartDefinition>(
        name,
        Encoding.UTF8.GetBytes($$"""
            { "source": "{{source}}", "dimensions": [ {"name": "origin"} ], "measures": [ {"name": "n", "type": "count"} ] }
            """),
        PutCondition.None,
        Token);

    /// <summary>Sends a CSV file as a batch.</summary>
    public Task<Receipt> IngestAsync(string dataset, string csv, string? idempotencyKey = null) => Get<BatchService>().IngestAsync(
        new BatchRequest(dataset, "tester", idempotencyKey, "text/csv", null, new MemoryStream(Encoding.UTF8.GetBytes(csv))), Token);

    /// <summary>Does what the orchestration of a refresh does.</summary>
    public async Task<Run> RefreshAsync(string mart)
    {
        var entry = await Get<CatalogStore>().GetAsync<MartDefinition>(mart, Token);
        var run = await Runs.CreateAsync(new RunRequest(RunKind.Refresh, mart, entry.Version, "tester"), Token);
        var activities = Get<RefreshActivities>();
        var begun = await activities.BeginAsync(run.Id, Token);
        var error = begun.Plan is { NothingNew: false } plan ? (await activities.ComputeAsync(run.Id, plan, Token)).Error : begun.Error;
        await activities.EndAsync(run.Id, error, Token);
        return await Runs.GetAsync(run.Id, Token);
    }

    /// <param name="concurrency">Most tests of two runs are about what happens when nothing keeps them apart.</param>
    public async Task<Run> StartAsync(
        string pipeline, string? idempotencyKey = null, RunConcurrency concurrency = RunConcurrency.Parallel)
    {
        var entry = await Get<CatalogStore>().GetAsync<PipelineDefinition>(pipeline, Token);
        return await Runs.CreateAsync(new RunRequest(RunKind.Pipeline, pipeline, entry.Version, "tester", idempotencyKey) { Concurrency = concurrency }, Token);
    }

    /// <summary>Does what the orchestration does.</summary>
    /// <param name="times">How often each activity is executed.</param>
    public async Task<Run> RunAsync(string pipeline, int times = 1)
    {
        var run = await StartAsync(pipeline);
        await ExecuteAsync(run.Id, times);
        return await Runs.GetAsync(run.Id, Token);
    }

    /// <param name="planned">Called behind the plan of each step, whose work is left to activities of its own then, however small it is.</param>
    public async Task ExecuteAsync(string run, int times = 1, Func<int, Task>? planned = null)
    {
        var begun = await RepeatAsync(() => Activities.BeginAsync(run, Token));
        if (begun.NothingToDo)
            return;

        var error = begun.Error;
        for (var step = 0; step < begun.Steps && error is null; step++)
        {
            var index = step;
            var plan = await RepeatAsync(() => planned is null ? Activities.StartStepAsync(run, index, Token) : Activities.PlanStepAsync(run, index, Token));
            error = plan.Error;
            if (plan.Done)
                continue;
            if (error is null && planned is not null)
                await planned(index);
            for (var group = 0; group < plan.Splits && error is null; group++)
            {
                var number = group;
                error = (await RepeatAsync(() => Activities.SplitGroupAsync(run, index, number, Token))).Error;
            }

            for (var group = 0; group < plan.Groups && error is null; group++)
            {
                var number = group;
                error = (await RepeatAsync(() => Activities.RunGroupAsync(run, index, number, Token))).Error;
            }

            error ??= (await RepeatAsync(() => Activities.CommitStepAsync(run, index, Token))).Error;
        }

        await Activities.EndAsync(run, error, Token);

        async Task<T> RepeatAsync<T>(Func<Task<T>> activity)
        {
            for (var i = 1; i < times; i++)
                await activity();
            return await activity();
        }
    }

    /// <summary>A query's rows over warehouse and dataset tables, columns with bars between.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string sql, params TableName[] tables)
    {
        await using var session = await Get<SqlEngine>().OpenAsync(Token);
        foreach (var table in tables)
            await session.MountAsync(table.Name, (await Tables.Get(table).TryGetSnapshotAsync(version: null, Token))!, options: null, Token);
        return await SqlBed.RowsAsync(session, sql);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _store.DisposeAsync();
    }
}
