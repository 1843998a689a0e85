using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Platform.Tests.Tables;
using DataPlatform.Tables;
using DataPlatform.Triggers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Platform.Tests.Triggers;

/// <summary>One process that schedules, over a store and a clock that others may share. Runs are not executed: tests say what becomes of them.</summary>
internal sealed class TriggerBed : IAsyncDisposable
{
    public const string Steps = """ "steps": [ {"name": "s", "target": "out", "sql": "SELECT 1"} ] """;

    private readonly ServiceProvider _services;

    public TriggerBed(string storage, FakeTimeProvider clock)
    {
        Clock = clock;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(clock);
        services.Configure<PlatformOptions>(options =>
        {
            options.Storage = storage;
            options.CatalogMaxAge = TimeSpan.Zero;
            options.CheckpointCommits = 4;
            options.LogRetention = TimeSpan.FromHours(1);
        });
        services.AddLake().AddTables().AddCatalog().AddOperations().AddTriggers();
        var inner = services.Last(service => service.ServiceType == typeof(IRowStore));
        services.AddSingleton<IRowStore>(provider => Rows = new DyingRowStore((IRowStore)inner.ImplementationFactory!(provider)));
        _services = services.BuildServiceProvider();
        _ = Runs;
    }

    public FakeTimeProvider Clock { get; }

    public DyingRowStore Rows { get; private set; } = null!;

    public RunStore Runs => Get<RunStore>();

    public RunGate Gate => Get<RunGate>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task PutDatasetAsync(string name) => Get<CatalogStore>().PutAsync<DatasetDefinition>(
        name, Encoding.UTF8.GetBytes("""{ "fields": [ {"name": "id", "type": "int64"} ] }"""), PutCondition.None, Token);

    /// <param name="members">More members of the document.</param>
    public Task PutPipelineAsync(string name, string triggers, string members = "", string steps = Steps) => Get<CatalogStore>().PutAsync<PipelineDefinition>(
        name,
        Encoding.UTF8.GetBytes($$"""{ {{steps}}, {{(members.Length == 0 ? "" : members + ",")}} "triggers": [ {{triggers}} ] }"""),
        PutCondition.None,
        Token);

    public Task PutMartAsync(string name, string source, string triggers) => Get<CatalogStore>().PutAsync<MartDefinition>(
        name,
        Encoding.UTF8.GetBytes($$"""
            { "source": "{{source}}", "dimensions": [ {"name": "id"} ], "measures": [ {"name": "n", "type": "count"} ], "triggers": [ {{triggers}} ] }
            """),
        PutCondition.None,
        Token);

    public Task<Commit> CommitAsync(string dataset, bool dataChange = true) => CommitAsync(new TableName(TableKind.Dataset, dataset), dataChange);

    public Task<Commit> CommitAsync(TableName table, bool dataChange = true) => Get<DeltaTables>().Get(table).CommitAsync(
        Changes.Append($"{Guid.NewGuid():n}.parquet") with { DataChange = dataChange }, Token);

    /// <summary>A look at all triggers.</summary>
    public Task<IReadOnlyList<Run>> TickAsync()
    {
        Get<TriggerHints>().NoteDefinitions();
        return Get<TriggerTicker>().TickAsync(Token);
    }

    public async Task<IReadOnlyList<Run>> RunsAsync(string name, RunKind kind = RunKind.Pipeline) =>
        (await Runs.ListAsync(kind, name, after: null, 500, Token)).Runs;

    /// <summary>Does what the first activity does.</summary>
    /// <param name="pinned">Tables and versions.</param>
    public async Task<bool> TryBeginAsync(string run, params (string Table, long Version)[] pinned)
    {
        if (!await Gate.TryEnterAsync(await Runs.GetAsync(run, Token), Token))
            return false;
        await Runs.UpdateAsync(
            run,
            r => r with
            {
                Status = RunStatus.Running,
                Started = Clock.GetUtcNow(),
                Pinned = pinned.ToDictionary(pin => pin.Table, pin => pin.Version),
            },
            Token);
        return true;
    }

    /// <summary>Does what the last activity does.</summary>
    /// <returns>Runs to be scheduled.</returns>
    public async Task<IReadOnlyList<Run>> EndAsync(string run, RunStatus status = RunStatus.Succeeded)
    {
        await Runs.UpdateAsync(run, r => r with { Status = status, Ended = Clock.GetUtcNow() }, Token);
        return await Get<RunSettlement>().SettleAsync(run, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Rows.Dispose();
    }
}
