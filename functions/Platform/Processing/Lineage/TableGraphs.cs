using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage;

/// <summary>Reads from the catalog which tables are computed from which.</summary>
public sealed class TableGraphs(CatalogStore catalog, SqlInspector inspector)
{
    /// <summary>The name of a refresh's one step.</summary>
    private const string RefreshStep = "refresh";

    private const int PageSize = 100;
    private const int MostKept = 10_000;

    // A statement always reads the same tables.
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _sources = new(StringComparer.Ordinal);

    public async Task<TableGraph> ReadAsync(CancellationToken cancellationToken)
    {
        List<TableWriter> writers = [];
        await foreach (var pipeline in AllAsync<PipelineDefinition>(cancellationToken))
        {
            foreach (var step in pipeline.Steps)
            {
                writers.Add(new TableWriter(
                    RunKind.Pipeline, pipeline.Name, step.Name, new TableName(TableKind.Warehouse, step.Target),
                    await SourcesAsync(step, cancellationToken)));
            }
        }

        await foreach (var mart in AllAsync<MartDefinition>(cancellationToken))
            writers.Add(new TableWriter(RunKind.Refresh, mart.Name, RefreshStep, new TableName(TableKind.Mart, mart.Name), [mart.Source]));
        return new TableGraph(writers);
    }

    private async Task<IReadOnlyList<string>> SourcesAsync(StepDefinition step, CancellationToken cancellationToken)
    {
        if (_sources.TryGetValue(step.Sql, out var known))
            return known;

        IReadOnlyList<string> sources;
        try
        {
            var query = await inspector.InspectAsync(step.Sql, step.Name, cancellationToken);
            sources = [.. query.Tables.Select(table => table.Name).Distinct(StringComparer.Ordinal)];
        }
        catch (TerminalException exception) when (exception.Code == SqlInspector.ErrorCode)
        {
            // Put when an older engine could read it; it cannot run now.
            sources = [];
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
