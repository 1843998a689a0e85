using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Aggregation;

/// <summary>
/// Computes marts from their sources: the partitions that changes of the source touched, or all. Both stages may be repeated at will: the plan pins versions, and the work leaves at most
/// one commit for each operation id.
/// </summary>
public sealed class MartRefresher(
    CatalogStore catalog,
    TableCatalog names,
    DeltaTables tables,
    SqlEngine engine,
    MartCompiler compiler,
    RefreshDecider decider,
    ParquetStage stage,
    TableLineage lineage,
    ILogger<MartRefresher> logger)
{
    /// <summary>A file that grows beyond this is followed by another one.</summary>
    internal long FileBytes { get; init; } = 64L << 20;

    /// <summary>A file below this is rewritten with its neighbour.</summary>
    internal long SmallFileBytes { get; init; } = 16L << 20;

    /// <summary>Pins the versions.</summary>
    /// <exception cref="TerminalException">The mart or its source is missing, or the source has no data yet.</exception>
    public Task<RefreshPlan> PlanAsync(string mart, long definitionVersion, CancellationToken cancellationToken) =>
        PlanAsync(mart, definitionVersion, wish: null, cancellationToken);

    /// <param name="wish">What is to be computed besides what changed; null for nothing.</param>
    /// <inheritdoc cref="PlanAsync(string, long, CancellationToken)"/>
    public async Task<RefreshPlan> PlanAsync(string mart, long definitionVersion, RefreshWish? wish, CancellationToken cancellationToken)
    {
        var definition = (await catalog.GetAsync<MartDefinition>(mart, definitionVersion, cancellationToken)).Definition;
        var name = await names.FindAsync(definition.Source, cancellationToken);
        if (name is null or { Kind: TableKind.Mart })
        {
            throw new TerminalException(
                FailureKind.Invalid,
                "SourceNotFound",
                $"The source '{definition.Source}' of the mart '{mart}' is no dataset or warehouse table. Create it, or correct the definition.",
                "$.source");
        }

        var source = await tables.Get(name).TryGetSnapshotAsync(version: null, cancellationToken)
            ?? throw new TerminalException(
                FailureKind.Conflict,
                "SourceEmpty",
                $"The source '{definition.Source}' of the mart '{mart}' has no data yet. "
                    + (name.Kind is TableKind.Dataset ? "Send it a batch first." : "Run the pipeline that writes it first."),
                "$.source");
        var target = await tables.Get(new TableName(TableKind.Mart, mart)).TryGetSnapshotAsync(version: null, cancellationToken);
        var plan = new RefreshPlan(
            mart, definitionVersion, name, source.TableId, source.Version, source.Rows, target?.Version ?? -1, NothingNew: false)
        { Wish = wish };
        return plan with { NothingNew = wish is null && target is not null && plan.IsCoveredBy(target, definition) };
    }

    /// <summary>Makes the mart what the pinned version of the source amounts to, in one commit.</summary>
    /// <inheritdoc cref="PrepareAsync"/>
    public async Task<RefreshResult> ComputeAsync(RefreshPlan plan, string operationId, CancellationToken cancellationToken) =>
        await CommitAsync(await PrepareAsync(plan, operationId, cancellationToken), cancellationToken);

    /// <summary>Computes and uploads what <see cref="CommitAsync"/> then makes the mart's. May be broken off at any time.</summary>
    /// <param name="operationId"><c>{instance}/refresh</c>: a second call with it finds the first one's commit.</param>
    /// <exception cref="TerminalException">The definition cannot be computed, it was replaced, or the source's version is gone.</exception>
    /// <exception cref="TransientException">Another refresh came between: try again.</exception>
    internal async Task<PreparedRefresh> PrepareAsync(RefreshPlan plan, string operationId, CancellationToken cancellationToken)
    {
        var definition = (await catalog.GetAsync<MartDefinition>(plan.Mart, plan.DefinitionVersion, cancellationToken)).Definition;
        var table = new TableName(TableKind.Mart, plan.Mart);
        var current = await tables.Get(table).TryGetSnapshotAsync(version: null, cancellationToken);
        if (current is not null && await FindDoneAsync(plan, definition, operationId, current, cancellationToken) is { } done)
            return new PreparedRefresh(plan, Change: null, done);

        await using var session = await engine.OpenAsync(cancellationToken);
        var decision = await DecideAsync(session, plan, definition, current, cancellationToken);
        using var staged = decision.Select is null ? null : await WriteAsync(session, plan.Mart, definition, decision.Select, cancellationToken);
        var files = staged is null ? [] : await stage.UploadAsync(staged, table, plan.Mart, cancellationToken);
        var outcome = new RefreshOutcome(
            decision.Extent, decision.Reason, decision.Partitions, (staged?.Rows ?? 0) - decision.RowsKept, decision.Rewritten.Count, files.Count);
        var inputs = await lineage.OfAsync([(plan.Source, plan.SourceTableId, plan.SourceVersion)], cancellationToken);
        var rows = (staged?.Rows ?? 0) + (current?.Rows ?? 0) - decision.Rewritten.Sum(file => file.Statistics?.Rows ?? 0);
        return new PreparedRefresh(
            plan, Change(plan, operationId, staged?.Columns ?? current!.Columns, files, decision, outcome, current, inputs), new RefreshResult(-1, rows, outcome));
    }

    internal async Task<RefreshResult> CommitAsync(PreparedRefresh prepared, CancellationToken cancellationToken)
    {
        var (plan, change, result) = prepared;
        if (change is null)
            return result;
        FaultPoint.Pass("before-mart-commit");
        var committed = await tables.Get(new TableName(TableKind.Mart, plan.Mart)).CommitAsync(change, cancellationToken);
        FaultPoint.Pass("after-mart-commit");
        Log.Refreshed(logger, plan.Mart, committed.Version, plan.Source.Name, plan.SourceVersion, result.Rows ?? 0, result.Outcome!.Describe());
        return result with { MartVersion = committed.Version };
    }

    /// <summary>What a refresh would do now, which is not done.</summary>
    /// <inheritdoc cref="PrepareAsync"/>
    public async Task<RefreshPreview> PreviewAsync(RefreshPlan plan, CancellationToken cancellationToken)
    {
        var definition = (await catalog.GetAsync<MartDefinition>(plan.Mart, plan.DefinitionVersion, cancellationToken)).Definition;
        var current = await tables.Get(new TableName(TableKind.Mart, plan.Mart)).TryGetSnapshotAsync(version: null, cancellationToken);
        long? held = current is not null && current.Transactions.TryGetValue(plan.SourceAppId, out var position) ? position : null;
        if (plan.NothingNew)
            return new RefreshPreview(plan.Mart, plan.DefinitionVersion, plan.Source.Name, held, plan.SourceVersion, RefreshExtent.Nothing, Reason: null, 0, [], 0);

        await using var session = await engine.OpenAsync(cancellationToken);
        var decision = await DecideAsync(session, plan, definition, current, cancellationToken);
        var partitions = decision.Extent == RefreshExtent.Partitions
            ? await TouchedPartitions.ReadAsync(session, TouchedPartitions.Relation, definition.PartitionBy, RefreshPreview.MostPartitions, cancellationToken)
            : [];
        return new RefreshPreview(
            plan.Mart, plan.DefinitionVersion, plan.Source.Name, held, plan.SourceVersion, decision.Extent, decision.Reason, decision.Partitions, partitions, decision.Rewritten.Count);
    }

    /// <returns>What was committed already by this or another refresh; null when there is work to do.</returns>
    private async Task<RefreshResult?> FindDoneAsync(
        RefreshPlan plan, MartDefinition definition, string operationId, Snapshot current, CancellationToken cancellationToken)
    {
        var mart = tables.Get(current.Table);
        await foreach (var commit in mart.ReadCommitsAsync(plan.MartVersion, current.Version, cancellationToken))
        {
            if (commit.OperationId == operationId)
                return new RefreshResult(commit.Version, (await mart.TryGetSnapshotAsync(commit.Version, cancellationToken))!.Rows ?? 0, RefreshOutcome.TryRead(commit));
        }

        if (plan.Wish is null && plan.IsCoveredBy(current, definition))
            return new RefreshResult(current.Version, Rows: null);
        if (plan.IsOutdatedBy(current))
        {
            throw new TerminalException(
                FailureKind.Conflict, "DefinitionReplaced", $"The mart '{plan.Mart}' was refreshed by a newer definition meanwhile. Refresh it again.", plan.Mart);
        }

        return plan.IsOvertakenBy(current)
            ? throw new TerminalException(
                FailureKind.Conflict, "RefreshOvertaken", $"The mart '{plan.Mart}' was refreshed to a newer version of its source meanwhile. Refresh it again.", plan.Mart)
            : null;
    }

    private async Task<RefreshDecision> DecideAsync(
        SqlSession session, RefreshPlan plan, MartDefinition definition, Snapshot? current, CancellationToken cancellationToken)
    {
        var source = await tables.Get(plan.Source).TryGetSnapshotAsync(plan.SourceVersion, cancellationToken);
        if (source is null || source.TableId != plan.SourceTableId)
        {
            throw new TerminalException(
                FailureKind.Conflict, "SourceHistoryLost", $"The table '{plan.Source}' was replaced by another one of its name. Refresh again.", plan.Source.Name);
        }

        await compiler.InspectAsync(definition, cancellationToken);
        return await NamedAsync(plan.Mart, () => decider.DecideAsync(session, plan, definition, source, current, SmallFileBytes, cancellationToken));
    }

    private Task<StagedFiles> WriteAsync(SqlSession session, string mart, MartDefinition definition, string select, CancellationToken cancellationToken) => NamedAsync(
        mart,
        () => stage.WriteAsync(session, select, new ParquetOptions { FileBytes = FileBytes, SortBy = MartCompiler.SortBy(definition) }, cancellationToken));

    /// <summary>The engine does not know whose SQL it is.</summary>
    internal static async Task<T> NamedAsync<T>(string mart, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (TerminalException exception) when (exception.Target is null or "sql")
        {
            throw new TerminalException(
                exception.Kind, exception.Code, $"The mart '{mart}' cannot be computed: {exception.Message}", mart, exception.Details, exception);
        }
    }

    private static TableChange Change(
        RefreshPlan plan, string operationId, IReadOnlyList<TableColumn> columns, IReadOnlyList<DataFile> files, RefreshDecision decision, RefreshOutcome outcome,
        Snapshot? current, IReadOnlyDictionary<string, TableInput> inputs) => new()
        {
            Operation = "WRITE",
            Columns = columns,
            Add = files,
            Remove = decision.Extent == RefreshExtent.Partitions ? [.. decision.Rewritten.Select(file => file.Path)] : [],
            RemoveAll = decision.Extent == RefreshExtent.Whole,
            ReadVersion = current?.Version ?? -1,
            OperationId = operationId,
            SinceVersion = current?.Version ?? -1, // What came before was searched above.
            Transactions = new Dictionary<string, long>(StringComparer.Ordinal)
            {
                [plan.SourceAppId] = plan.SourceVersion,
                [plan.DefinitionAppId] = plan.DefinitionVersion,
            },
            Inputs = new WriterInputs(RefreshActivities.Step, inputs),
            Extra = new JsonObject
            {
                ["definitionVersion"] = plan.DefinitionVersion,
                [RefreshOutcome.Member] = outcome.ToJson(),
            },
        };
}
