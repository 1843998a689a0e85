using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage;

/// <summary>Follows batches from their dataset over pipelines into tables and marts.</summary>
public sealed class BatchTrails(
    CatalogStore catalog, TableCatalog names, TableGraphs graphs, DeltaTables tables, TableLineage lineage, TableCoverage coverage, RunStore runs)
{
    private const string Committed = "committed";
    private const string TablePrefix = "table:";
    private const string MartPrefix = "mart:";

    /// <summary>Runs of a pipeline or mart that are looked at for one that took the batch.</summary>
    private const int MostRuns = 20;

    /// <summary>Plans the way to what is waited for: <c>committed</c>, <c>table:{name}</c> or <c>mart:{name}</c>; without one, to all that comes
    /// from the dataset.</summary>
    /// <exception cref="TerminalException"><c>InvalidQueryOption</c>; <c>MartNotFound</c>, <c>TableNotFound</c>; <c>NoPath</c>: nothing of the dataset comes
    /// there.</exception>
    public async Task<TrailPlan> PlanAsync(string dataset, string? wait, CancellationToken cancellationToken)
    {
        if (wait == Committed)
            return new TrailPlan(new TableGraph([]), [], wait);
        var target = wait is null ? null : await TargetAsync(wait, cancellationToken);
        var graph = await graphs.ReadAsync(cancellationToken);
        if (target is null)
            return new TrailPlan(graph, graph.DescendantsOf(dataset), wait);
        if (target == new TableName(TableKind.Dataset, dataset))
            return new TrailPlan(graph, [], wait);

        var between = graph.Between(dataset, target.Name);
        return between.Count > 0 ? new TrailPlan(graph, between, wait) : throw NoPath(graph, dataset, wait!);
    }

    /// <exception cref="TerminalException"><c>TableReplaced</c> (410): the dataset's table is another one by now.</exception>
    public async Task<BatchTrail> FollowAsync(Receipt receipt, TrailPlan plan, CancellationToken cancellationToken)
    {
        if (receipt is not { State: ReceiptState.Committed, TableVersion: { } version })
            return new BatchTrail(NameOf(receipt.State), [], plan.Asked, plan.Asked is null ? null : false);

        List<TrailStage> stages =
            [new(receipt.Dataset, TableKind.Dataset, TrailState.Contained, version, receipt.Ended)];
        if (plan.Tables.Count > 0)
        {
            var place = await coverage.PlaceAsync(receipt.Dataset, version, cancellationToken)
                ?? throw new TerminalException(
                    FailureKind.Gone, "TableReplaced",
                    $"The table of dataset '{receipt.Dataset}' was made anew since the batch was committed: where its rows went cannot be told.", "id");
            foreach (var table in plan.Tables)
                stages.Add(await StageAsync(receipt, place, plan.Graph, table, stages, cancellationToken));
        }

        var last = stages.FindLastIndex(stage => stage.State == TrailState.Contained);
        return new BatchTrail(
            last == 0 ? Committed : stages[last].Address, stages, plan.Asked, plan.Asked is null ? null : stages[^1].State == TrailState.Contained);
    }

    private static string NameOf(ReceiptState state) => state switch
    {
        ReceiptState.InProgress => "in_progress",
        ReceiptState.Abandoned => "abandoned",
        _ => "rejected",
    };

    private static TerminalException NoPath(TableGraph graph, string dataset, string wait)
    {
        var known = graph.DescendantsOf(dataset)
            .Select(table => graph.WritersOf(table.Name).First())
            .Select(writer => writer.Kind == RunKind.Refresh ? $"{MartPrefix}{writer.Target}" : $"{TablePrefix}{writer.Target} (pipeline '{writer.Name}')")
            .ToList();
        return new TerminalException(
            FailureKind.Invalid,
            "NoPath",
            $"Nothing of dataset '{dataset}' comes to '{wait}'. "
                + (known.Count > 0 ? $"What comes from it: {string.Join(", ", known)}." : "No pipeline or mart reads it yet."),
            "wait");
    }

    private async Task<TableName> TargetAsync(string wait, CancellationToken cancellationToken)
    {
        if (wait.StartsWith(MartPrefix, StringComparison.Ordinal))
            return new TableName(TableKind.Mart, (await catalog.GetAsync<MartDefinition>(wait[MartPrefix.Length..], cancellationToken)).Definition.Name);
        if (!wait.StartsWith(TablePrefix, StringComparison.Ordinal))
        {
            throw new TerminalException(
                FailureKind.Invalid, "InvalidQueryOption", "Wait for 'committed', for 'table:' and the name of a table, or for 'mart:' and the name of a mart.", "wait");
        }

        var name = wait[TablePrefix.Length..];
        var table = NameRules.IsTableName(name) ? await names.FindAsync(name, cancellationToken) : null;
        return table is { Kind: not TableKind.Mart }
            ? table
            : throw new TerminalException(
                FailureKind.NotFound,
                "TableNotFound",
                table is null ? "There is no dataset or warehouse table of that name." : $"'{name}' is a mart: wait for '{MartPrefix}{name}'.",
                "wait");
    }

    private async Task<TrailStage> StageAsync(
        Receipt receipt, BatchPlace place, TableGraph graph, TableName table, IReadOnlyList<TrailStage> before, CancellationToken cancellationToken)
    {
        if (await coverage.FindFirstAsync(graph, table, place, cancellationToken) is not { } version)
            return await PendingAsync(receipt, graph, table, before, cancellationToken);

        var commit = await lineage.TryReadCommitAsync(table, version, cancellationToken);
        return new TrailStage(
            table.Name,
            table.Kind,
            TrailState.Contained,
            version,
            commit?.Timestamp,
            commit?.OperationId is { } operation ? operation.Split('/')[0] : null,
            Text(commit, "pipeline"),
            Text(commit, "step"));
    }

    /// <summary>The newest run that took the batch, or would have had it been planned, says how it is going.</summary>
    private async Task<TrailStage> PendingAsync(
        Receipt receipt, TableGraph graph, TableName table, IReadOnlyList<TrailStage> before, CancellationToken cancellationToken)
    {
        foreach (var writer in graph.WritersOf(table.Name))
        {
            var sources = before.Where(stage => stage.State == TrailState.Contained && writer.Sources.Contains(stage.Table)).ToList();
            foreach (var run in (await runs.ListAsync(writer.Kind, writer.Name, after: null, MostRuns, cancellationToken)).Runs)
            {
                if (run.Status is RunStatus.Succeeded or RunStatus.Canceled || !Takes(run, writer, sources, receipt))
                    continue;
                return new TrailStage(
                    table.Name,
                    table.Kind,
                    run.Status == RunStatus.Failed ? TrailState.Failed : TrailState.Running,
                    Run: run.Id,
                    Pipeline: writer.Kind == RunKind.Pipeline ? writer.Name : null,
                    Step: writer.Kind == RunKind.Pipeline ? writer.Step : null,
                    Error: run.Error);
            }
        }

        return new TrailStage(table.Name, table.Kind, TrailState.Waiting);
    }

    private static bool Takes(Run run, TableWriter writer, IReadOnlyList<TrailStage> sources, Receipt receipt)
    {
        var step = run.Steps.FirstOrDefault(step => step.Name == writer.Step);
        return step is null or { Inputs.Count: 0 }
            ? run.Created >= receipt.Ended
            : sources.Any(source => step.Inputs.Any(input => input.Table == source.Table && input.Version >= source.TableVersion));
    }

    private static string? Text(Commit? commit, string member) =>
        commit?.Info[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Completes when this process sees one of the tables change on which the batch is not there yet.</summary>
    internal Task Newer(Receipt receipt, TrailPlan plan, BatchTrail trail)
    {
        var missing = trail.Tables.Count == 0
            ? [new TableName(TableKind.Dataset, receipt.Dataset)]
            : trail.Tables.Where(stage => stage.State != TrailState.Contained).Select(stage => new TableName(stage.Kind, stage.Table));
        return Task.WhenAny(missing.Select(table => tables.Get(table).Newer));
    }
}
