using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Processing;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Platform.Tests.Processing;

/// <summary>What steps keep of their sources' logs, and what becomes of one whose source was cut all the same.</summary>
public sealed class StepHoldsTests
{
    private const string Copy = """{ "name": "copy", "target": "fact", "mode": "append", "sql": "SELECT id FROM new.flights" }""";

    private static readonly TableName Flights = new(TableKind.Dataset, "flights");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_holds_its_source_where_it_stands()
    {
        await using var bed = await BedAsync();
        await bed.LoadAsync("flights", "SELECT 1 AS id");
        await bed.LoadAsync("flights", "SELECT 2 AS id");
        await bed.RunAsync("p");
        await bed.LoadAsync("flights", "SELECT 3 AS id");
        var holds = bed.Get<TableHolds>();

        var oldest = await holds.OldestHeldAsync(bed.Tables.Get(Flights), Token);

        var id = (await bed.Tables.Get(Flights).TryGetSnapshotAsync(null, Token))!.TableId;
        Assert.Equal(new TableHold("step:p/copy", id, 1), oldest);
        Assert.Empty(await bed.Get<StepHolds>().FindAsync(Flights, "another", Token).ToListAsync(Token));
        Assert.Empty(await bed.Get<StepHolds>().FindAsync(new TableName(TableKind.Warehouse, "fact"), id, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task A_step_whose_commits_are_gone_stops_by_name_and_never_skips_rows()
    {
        await using var bed = await BedAsync();
        await bed.LoadAsync("flights", "SELECT 1 AS id");
        await bed.RunAsync("p");
        for (var id = 2; id < 6; id++)
            await bed.LoadAsync("flights", $"SELECT {id} AS id");
        var objects = bed.Get<IObjectStore>();
        var log = new DeltaLog(Flights, objects);
        var state = await new TableHistory(log, TimeProvider.System).RefreshAsync(Token);
        await log.Checkpoints.WriteAsync(state, DateTimeOffset.UnixEpoch, Token);
        for (var version = 0; version < 4; version++)
            await objects.TryDeleteAsync(Flights.Root.Append($"_delta_log/{version:D20}.json"), null, Token);

        // Another instance: this one remembers the commits.
        var finder = new NewRows(new DeltaTables(objects, TimeProvider.System, NullLoggerFactory.Instance), objects);
        var pipeline = await bed.Get<PipelineCompiler>().CompileAsync((await bed.Get<CatalogStore>().GetAsync<PipelineDefinition>("p", Token)).Definition, Token);
        var target = await bed.Tables.Get(new TableName(TableKind.Warehouse, "fact")).TryGetSnapshotAsync(null, Token);
        var failure = await Assert.ThrowsAsync<DataPlatform.Failures.TerminalException>(
            () => finder.FindAsync("p", pipeline.Steps[0], new PinnedTable(Flights, state.Metadata!.Id, state.Version), target, behind: -1, Token));

        Assert.Equal("SourceHistoryLost", failure.Code);
    }

    private static async Task<PipelineBed> BedAsync()
    {
        var bed = new PipelineBed();
        await bed.PutDatasetAsync("flights", """{"name": "id", "type": "int32"}""");
        await bed.PutPipelineAsync("p", Copy);
        return bed;
    }
}
