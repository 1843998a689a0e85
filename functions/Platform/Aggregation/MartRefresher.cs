using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
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
    public async Task<RefreshPlan> PlanAsync(string mart, long definitionVersion, CancellationToken cancellationToken)
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
            mart, definitionVersion, name, source.TableId, source.Version, source.Rows, target?.Version ?? -1, NothingNew: false);
        return plan with { NothingNew = target is not null && plan.IsCoveredBy(target, definition) };
    }

    /// <summary>Makes the mart what the pinned version of the source amounts to, in one commit.</summary>
    /// <param name="operationId"><c>{instance}/refresh</c>: a second call with it finds the first one's commit.</param>
    /// <exception cref="TerminalException">The definition cannot be computed, it was replaced, or the source's version is gone.</exception>
    /// <exception cref="TransientException">Another refresh came between: try again.</exception>
    public async Task<RefreshResult> ComputeAsync(RefreshPlan plan, string operationId, CancellationToken cancellationToken)
    {
        var definition = (await catalog.GetAsync<MartDefinition>(plan.Mart, plan.DefinitionVersion, cancellationToken)).Definition;
        var table = new TableName(TableKind.Mart, plan.Mart);
        var mart = tables.Get(table);
        var current = await mart.TryGetSnapshotAsync(version: null, cancellationToken);
        if (current is not null)
        {
            await foreach (var commit in mart.ReadCommitsAsync(plan.MartVersion, current.Version, cancellationToken))
            {
                if (commit.OperationId == operationId)
                    return new RefreshResult(commit.Version, (await mart.TryGetSnapshotAsync(commit.Version, cancellationToken))!.Rows ?? 0, RefreshOutcome.TryRead(commit));
            }

            if (plan.IsCoveredBy(current, definition))
                return new RefreshResult(current.Version, Rows: null);
            if (plan.IsOutdatedBy(current))
            {
                throw new TerminalException(
                    FailureKind.Conflict, "DefinitionReplaced", $"The mart '{plan.Mart}' was refreshed by a newer definition meanwhile. Refresh it again.", plan.Mart);
            }
        }

        var source = await tables.Get(plan.Source).TryGetSnapshotAsync(plan.SourceVersion, cancellationToken);
        if (source is null || source.TableId != plan.SourceTableId)
        {
            throw new TerminalException(
                FailureKind.Conflict, "SourceHistoryLost", $"The table '{plan.Source}' was replaced by another one of its name. Refresh again.", plan.Source.Name);
        }

        await compiler.InspectAsync(definition, cancellationToken);
        await using var session = await engine.OpenAsync(cancellationToken);
        var (decision, staged) = await StageAsync(session, plan, definition, source, current, cancellationToken);
        using (staged)
        {
            var files = staged is null ? [] : await stage.UploadAsync(staged, table, plan.Mart, cancellationToken);
            var outcome = new RefreshOutcome(
                decision.Extent, decision.Reason, decision.Partitions, (staged?.Rows ?? 0) - decision.RowsKept, decision.Rewritten.Count, files.Count);

            FaultPoint.Pass("before-mart-commit");
            var inputs = await lineage.OfAsync([(plan.Source, plan.SourceTableId, plan.SourceVersion)], cancellationToken);
            var committed = await mart.CommitAsync(Change(plan, operationId, staged?.Columns ?? current!.Columns, files, decision, outcome, current, inputs), cancellationToken);
            FaultPoint.Pass("after-mart-commit");
            var rows = (staged?.Rows ?? 0) + (current?.Rows ?? 0) - decision.Rewritten.Sum(file => file.Statistics?.Rows ?? 0);
            Log.Refreshed(logger, plan.Mart, committed.Version, plan.Source.Name, plan.SourceVersion, rows, outcome.Describe());
            return new RefreshResult(committed.Version, rows, outcome);
        }
    }

    private async Task<(RefreshDecision Decision, StagedFiles? Staged)> StageAsync(
        SqlSession session, RefreshPlan plan, MartDefinition definition, Snapshot source, Snapshot? current, CancellationToken cancellationToken)
    {
        try
        {
            var decision = await decider.DecideAsync(session, plan, definition, source, current, SmallFileBytes, cancellationToken);
            return (decision, decision.Select is null ? null : await stage.WriteAsync(
                session, decision.Select, new ParquetOptions { FileBytes = FileBytes, SortBy = MartCompiler.SortBy(definition) }, cancellationToken));
        }
        catch (TerminalException exception) when (exception.Target is null or "sql")
        {
            // The engine does not know whose SQL it is.
            throw new TerminalException(
                exception.Kind, exception.Code, $"The mart '{plan.Mart}' cannot be computed: {exception.Message}", plan.Mart, exception.Details, exception);
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
