using System.Globalization;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Processing.Lineage.Columns;
using DataPlatform.Sql.Lineage;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage.OpenLineage;

/// <summary>
/// Tells a run as OpenLineage events: of the run, of each of its steps, and of the expectations that a step checked. They follow from the run's row, its plan and the
/// tables' logs, and are the same whenever they are asked for, as long as these are kept.
/// </summary>
public sealed class OpenLineageReader(
    RunStore runs, RunFiles files, CatalogStore catalog, TableCatalog names, DeltaTables tables, ColumnLineages lineages)
{
    /// <param name="withSql">Tells the SQL of steps, too.</param>
    /// <exception cref="TerminalException"><c>RunNotFound</c>.</exception>
    public async Task<IReadOnlyList<JsonObject>> ReadAsync(string runId, Func<Run, bool> withSql, CancellationToken cancellationToken)
    {
        var run = await runs.GetAsync(runId, cancellationToken);
        if (run.Started is not { } started)
            return [];

        var plan = await files.TryReadAsync<RunPlan>(RunFiles.Plan(runId), cancellationToken);
        var whole = new OpenLineageJob(run.Id, run.Name, Part: null);
        List<JsonObject> events = [whole.Event("START", started, RunFacets(run, error: null), [], [], [])];
        foreach (var step in run.Steps.Where(step => step.Started is not null))
            events.AddRange(await StepAsync(run, whole, step, plan, withSql(run), cancellationToken));
        if (run is { HasEnded: true, Ended: { } ended })
            events.Add(whole.Event(EndOf(run.Status), ended, RunFacets(run, run.Error), [], [], []));
        return events;
    }

    private static string EndOf(RunStatus status) => status switch
    {
        RunStatus.Failed => "FAIL",
        RunStatus.Canceled => "ABORT",
        _ => "COMPLETE",
    };

    private static JsonObject RunFacets(Run run, RunFailure? error)
    {
        var facets = new JsonObject();
        if (run.Trigger?.Due is { } due)
            facets["nominalTime"] = OpenLineageSpec.NominalTime(new JsonObject { ["nominalStartTime"] = due.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) });
        if (error is not null)
            facets["errorMessage"] = OpenLineageSpec.ErrorMessage(new JsonObject { ["message"] = $"{error.Code}: {error.Message}", ["programmingLanguage"] = "SQL" });
        return facets;
    }

    private async Task<IReadOnlyList<JsonObject>> StepAsync(
        Run run, OpenLineageJob whole, RunStep step, RunPlan? plan, bool withSql, CancellationToken cancellationToken)
    {
        var job = new OpenLineageJob(run.Id, run.Name, step.Name);
        var (writer, sources) = await WriterAsync(run, step, plan, cancellationToken);
        var sql = plan?.Pipeline.Steps.FirstOrDefault(own => own.Name == step.Name)?.Sql;
        List<OpenLineageTable> inputs = [];
        foreach (var input in step.Inputs.DistinctBy(input => input.Table))
        {
            if (sources.GetValueOrDefault(input.Table) is { } table)
                inputs.Add(new OpenLineageTable(table, input.Version, await SnapshotAsync(table, input.Version, cancellationToken)));
        }

        // Nodes have one parent each: every event gets its own.
        List<JsonObject> events = [job.Event("START", step.Started!.Value, Parent(), JobFacets(), inputs.Select(input => input.AsInput()), [])];
        if (step.Ended is not { } ended)
            return events;

        var written = step.TableVersion is { } version && writer is not null
            ? new OpenLineageTable(writer.Target, version, await SnapshotAsync(writer.Target, version, cancellationToken))
            : null;
        var outputs = written is null ? [] : new[] { await OutputAsync(written, run, step, writer!, sources, inputs, cancellationToken) };
        var facets = Parent();
        if (step.Status == RunStatus.Failed && run.Error is not null)
            facets["errorMessage"] = RunFacets(run with { Trigger = null }, run.Error)["errorMessage"]!.DeepClone();
        events.Add(job.Event(EndOf(step.Status), ended, facets, JobFacets(), inputs.Select(input => input.AsInput()), outputs));
        if (step.Expectations.Count > 0 && written is not null)
            events.AddRange(Checks(new OpenLineageJob(run.Id, run.Name, $"{step.Name}.expectations"), job, step, written, ended));
        return events;

        JsonObject Parent() => new() { ["parent"] = whole.AsParent() };

        JsonObject JobFacets() => sql is null || !withSql
            ? []
            : new JsonObject { ["sql"] = OpenLineageSpec.Sql(new JsonObject { ["query"] = sql, ["dialect"] = "duckdb" }) };
    }

    /// <summary>Expectations are a job of their own that reads the written table, as test runs of other tools are: assertions belong to inputs.</summary>
    private static IReadOnlyList<JsonObject> Checks(OpenLineageJob job, OpenLineageJob step, RunStep result, OpenLineageTable written, DateTimeOffset time)
    {
        var assertions = new JsonArray([.. result.Expectations.Select(expectation => new JsonObject
        {
            ["assertion"] = "custom_sql",
            ["name"] = expectation.Name,
            ["success"] = expectation.Met,
            ["severity"] = expectation.OnFail == ExpectationAction.Fail ? "error" : "warn",
            ["actual"] = expectation.Broken.ToString(CultureInfo.InvariantCulture),
            ["expected"] = "0",
        })]);
        return
        [
            job.Event("START", time, new JsonObject { ["parent"] = step.AsParent() }, [], [written.AsInput()], []),
            job.Event("COMPLETE", time, new JsonObject { ["parent"] = step.AsParent() }, [], [written.AsChecked(assertions)], []),
        ];
    }

    private async Task<JsonObject> OutputAsync(
        OpenLineageTable written, Run run, RunStep step, TableWriter writer, IReadOnlyDictionary<string, TableName> sources, IReadOnlyList<OpenLineageTable> inputs,
        CancellationToken cancellationToken)
    {
        var columns = inputs.ToDictionary(input => input.Table.Name, input => input.Snapshot is { } snapshot ? TableShapes.Of(snapshot) : null, StringComparer.Ordinal);
        QueryLineage? lineage = await lineages.ReadAsync(writer, columns, cancellationToken);
        return written.AsOutput(lineage, sources.GetValueOrDefault, await StatisticsAsync(written, run, step, cancellationToken));
    }

    private async Task<JsonObject?> StatisticsAsync(OpenLineageTable written, Run run, RunStep step, CancellationToken cancellationToken)
    {
        if (step.RowsOut is not { } rows)
            return null;
        var statistics = new JsonObject { ["rowCount"] = rows };
        try
        {
            await foreach (var commit in tables.Get(written.Table).ReadCommitsAsync(written.Version - 1, written.Version, cancellationToken))
            {
                // A table that was found up to date was not written by this run.
                if (commit.OperationId != $"{run.Id}/{step.Name}")
                    return null;
                statistics["size"] = commit.Added.Sum(file => file.Size);
                statistics["fileCount"] = commit.Added.Count;
            }
        }
        catch (TerminalException gone) when (gone.Kind == FailureKind.Gone)
        {
            // The log is cleaned behind it: the rows are known from the run.
        }

        return statistics;
    }

    /// <summary>What the step was when the run began, and the kinds of the tables it reads.</summary>
    private async Task<(TableWriter? Writer, IReadOnlyDictionary<string, TableName> Sources)> WriterAsync(
        Run run, RunStep step, RunPlan? plan, CancellationToken cancellationToken)
    {
        if (run.Kind == RunKind.Pipeline)
        {
            var compiled = plan?.Pipeline.Steps.FirstOrDefault(own => own.Name == step.Name);
            var read = compiled?.NewSources.Concat(compiled.Sources).Distinct().ToDictionary(table => table.Name, StringComparer.Ordinal);
            return (
                compiled is null ? null : new TableWriter(
                    run.Kind, run.Name, step.Name, compiled.Target, [.. read!.Keys],
                    StepSelect.Of(compiled.Sql, compiled.OnSourceChange, compiled.DeleteWhen, compiled.Expectations))
                {
                    ReadsChanges = compiled.OnSourceChange == SourceChange.Changes,
                },
                read ?? new Dictionary<string, TableName>(StringComparer.Ordinal));
        }

        var sources = new Dictionary<string, TableName>(StringComparer.Ordinal);
        foreach (var input in step.Inputs)
        {
            if (await names.FindAsync(input.Table, cancellationToken) is { } table)
                sources[input.Table] = table;
        }

        return (await DefinitionAsync(run, cancellationToken) is { } mart ? TableWriters.Of(mart) : null, sources);
    }

    private async Task<MartDefinition?> DefinitionAsync(Run run, CancellationToken cancellationToken)
    {
        try
        {
            return (await catalog.GetAsync<MartDefinition>(run.Name, run.DefinitionVersion, cancellationToken)).Definition;
        }
        catch (TerminalException missing) when (missing.Kind is FailureKind.NotFound or FailureKind.Gone)
        {
            return null;
        }
    }

    private async Task<Snapshot?> SnapshotAsync(TableName table, long version, CancellationToken cancellationToken)
    {
        try
        {
            return await tables.Get(table).TryGetSnapshotAsync(version, cancellationToken);
        }
        catch (TerminalException gone) when (gone.Kind is FailureKind.Gone or FailureKind.NotFound)
        {
            return null;
        }
    }
}
