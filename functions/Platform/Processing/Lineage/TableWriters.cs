using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage;

/// <summary>Goes through the catalog: every step and every mart, with the table it writes and those it reads.</summary>
public sealed class TableWriters(CatalogStore catalog, SqlInspector inspector)
{
    /// <summary>The name of a refresh's one step.</summary>
    private const string RefreshStep = "refresh";

    private const int PageSize = 100;
    private const int MostKept = 10_000;

    // A statement always reads the same tables; null is one that cannot be read.
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>?> _sources = new(StringComparer.Ordinal);

    /// <summary>Marts first.</summary>
    public async IAsyncEnumerable<TableWriter> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var mart in AllAsync<MartDefinition>(cancellationToken))
            yield return Of(mart);
        await foreach (var pipeline in AllAsync<PipelineDefinition>(cancellationToken))
        {
            foreach (var step in pipeline.Steps)
            {
                var sources = await SourcesAsync(pipeline, step, cancellationToken);
                yield return new TableWriter(
                    RunKind.Pipeline, pipeline.Name, step.Name, new TableName(TableKind.Warehouse, step.Target), sources ?? [],
                    StepSelect.Of(step.Sql, step.OnSourceChange, step.DeleteWhen, step.Expectations), sources is not null)
                {
                    ReadsChanges = step.OnSourceChange == SourceChange.Changes,
                };
            }
        }
    }

    internal static TableWriter Of(MartDefinition mart) =>
        new(RunKind.Refresh, mart.Name, RefreshStep, new TableName(TableKind.Mart, mart.Name), [mart.Source], MartSelect.Of(mart));

    private async Task<IReadOnlyList<string>?> SourcesAsync(PipelineDefinition pipeline, StepDefinition step, CancellationToken cancellationToken)
    {
        if (_sources.TryGetValue(step.Sql, out var known))
            return known;

        IReadOnlyList<string>? sources;
        try
        {
            var query = await inspector.InspectAsync(
                step.Sql, step.Name, [.. pipeline.Parameters.Select(parameter => parameter.Name)], cancellationToken);
            sources = [.. query.Tables.Select(table => table.Name).Distinct(StringComparer.Ordinal)];
        }
        catch (TerminalException exception) when (exception.Code == SqlInspector.ErrorCode)
        {
            sources = null;
        }

        if (_sources.Count >= MostKept)
            _sources.Clear();
        return _sources[step.Sql] = sources;
    }

    private async IAsyncEnumerable<T> AllAsync<T>([EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        string? after = null;
        do
        {
            var page = await catalog.ListAsync<T>(after, PageSize, cancellationToken);
            foreach (var entry in page.Entries)
                yield return entry.Definition;
            after = page.Next;
        }
        while (after is not null);
    }
}
