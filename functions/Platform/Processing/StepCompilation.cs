using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Compiles one step of a pipeline and notes its mistakes.</summary>
/// <param name="targets">All tables that the pipeline writes.</param>
/// <param name="path">The step's place in the document.</param>
internal sealed class StepCompilation(
    SqlInspector inspector,
    TableCatalog tables,
    HashSet<string> targets,
    StepDefinition step,
    string path,
    IReadOnlyList<ParameterDefinition> parameters,
    List<FailureDetail> mistakes)
{
    /// <returns>Null when there is a mistake.</returns>
    public async Task<CompiledStep?> CompileAsync(CancellationToken cancellationToken)
    {
        var before = mistakes.Count;
        List<string> names = [.. parameters.Select(parameter => parameter.Name)];
        HashSet<string> conditions = new(StringComparer.Ordinal);
        foreach (var (expectation, i) in step.Expectations.Select((expectation, i) => (expectation, i)))
        {
            await TryAsync(async () => conditions.UnionWith(expectation.Aggregate is { } aggregate
                ? await inspector.InspectAggregateAsync(aggregate, names, $"{path}.expectations[{i}].aggregate", cancellationToken)
                : await inspector.InspectExpressionAsync(expectation.Condition!, names, $"{path}.expectations[{i}].condition", cancellationToken)));
        }

        if (step.DeleteWhen is { } deleteWhen)
            await TryAsync(async () => conditions.UnionWith(await inspector.InspectExpressionAsync(deleteWhen, names, $"{path}.deleteWhen", cancellationToken)));

        InspectedQuery? query = null;
        await TryAsync(async () => query = await inspector.InspectAsync(
            step.Sql, $"{path}.sql", names, cancellationToken));
        if (query is null)
            return null;

        if (query.NewSources.Any(branch => branch.Count > 1))
            Add("ManyNewSources", "sql", $"it reads a second new. table, or one twice{query.SecondNewSource}: read one new., and the other tables whole; only the branches of an outermost UNION ALL may read one each");
        if (step.Parallel == StepParallelism.Files && query.NotRowWise is { } reason)
            Add("NotParallel", "parallel", $"'parallel' is 'files', which works on groups of rows by themselves, but {reason}: leave 'parallel' out");

        if (step.OnSourceChange != SourceChange.Fail && query.NewSources.All(branch => branch.Count == 0))
            Add("NoNewSource", "onSourceChange", "'onSourceChange' is about new. sources, and its SQL reads none: leave it out");
        if (step is { OnSourceChange: SourceChange.Changes, Parallel: not StepParallelism.None })
            Add("NotParallel", "parallel", "changes of a source are told by comparing its files with one another, so they cannot be worked on in groups: leave 'parallel' out");
        var split = step.Parallel == StepParallelism.Keys
            ? await inspector.InspectSplitAsync(step.Sql, step.SplitBy, $"{path}.sql", cancellationToken)
            : null;
        if (split?.Fault is { } fault)
            Add("NotParallel", "sql", $"'parallel' is 'keys', which works on the rows of some values of {string.Join(", ", step.SplitBy)} by themselves, but {fault}");

        List<TableName> newSources = [], sources = [];
        foreach (var reference in query.Tables)
        {
            if (await FindAsync(reference, cancellationToken) is { } table)
                (reference.IsNew ? newSources : sources).Add(table);
        }

        return mistakes.Count > before
            ? null
            : new CompiledStep(
                step.Name,
                new TableName(TableKind.Warehouse, step.Target),
                step.Mode,
                step.Parallel,
                ParameterPlaces.Typed(query.Text, name => StepParameter.SqlType(parameters.First(parameter => parameter.Name == name).Type)),
                step.Key,
                step.Expectations,
                newSources,
                sources)
            {
                OnSourceChange = step.OnSourceChange,
                DeleteWhen = step.DeleteWhen,
                PartitionBy = step.PartitionBy,
                Parameters = Named(query.Parameters),
                ConditionParameters = Named(conditions),
                Split = split is null
                    ? null
                    : new StepSplit((split.Table!.IsNew ? newSources : sources).First(table => table.Name == split.Table.Name), split.Table.IsNew, step.SplitBy, step.Partitions),
                Retry = step.Retry,
                Timeout = step.Timeout,
                Unmatched = step.OnSourceChange == SourceChange.Changes || query.Parameters.Count > 0 ? null : query.Unmatched,
            };
    }

    private IReadOnlyList<StepParameter> Named(IEnumerable<string> names) =>
    [
        .. parameters.Where(parameter => names.Contains(parameter.Name)).Select(parameter => new StepParameter(parameter.Name, parameter.Type, parameter.Default)),
    ];

    private async Task<TableName?> FindAsync(TableReference reference, CancellationToken cancellationToken)
    {
        if (reference.Name == step.Target)
        {
            Add("StepCycle", "sql", $"it reads '{reference}', the table it writes: write to another one");
            return null;
        }

        if (targets.Contains(reference.Name))
            return new TableName(TableKind.Warehouse, reference.Name);

        var table = await tables.FindAsync(reference.Name, cancellationToken);
        if (table is null)
            Add("TableNotFound", "sql", $"it reads '{reference}', but there is no dataset, warehouse table or mart of that name: put its definition first, or correct the name");
        return table;
    }

    private void Add(string code, string member, string fault) =>
        mistakes.Add(new FailureDetail(code, $"Step '{step.Name}': {fault}.", $"{path}.{member}"));

    private async Task TryAsync(Func<Task> inspect)
    {
        try
        {
            await inspect();
        }
        catch (TerminalException exception) when (exception.Code == SqlInspector.ErrorCode)
        {
            mistakes.Add(new FailureDetail(exception.Code, $"Step '{step.Name}': {exception.Message}", exception.Target));
        }
    }
}
