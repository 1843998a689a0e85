using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Triggers;

/// <summary>All pipelines and marts, read at once.</summary>
public sealed class TriggerCatalog(CatalogStore catalog, ILogger<TriggerCatalog> logger)
{
    internal async Task<IReadOnlyList<TriggeredDefinition>> ReadAsync(CancellationToken cancellationToken)
    {
        List<TriggeredDefinition> definitions = [];
        await AddAsync<PipelineDefinition>(definitions, TriggeredDefinition.Of, cancellationToken);
        await AddAsync<MartDefinition>(definitions, TriggeredDefinition.Of, cancellationToken);
        return definitions;
    }

    /// <summary>The tables that the definitions write; all others are datasets'.</summary>
    internal static IReadOnlyDictionary<string, TableName> TablesOf(IEnumerable<TriggeredDefinition> definitions) =>
        definitions
            .SelectMany(definition => definition.Targets, (definition, table) => new TableName(
                definition.Kind == Operations.RunKind.Pipeline ? TableKind.Warehouse : TableKind.Mart, table))
            .DistinctBy(table => table.Name)
            .ToDictionary(table => table.Name);

    private async Task AddAsync<T>(
        List<TriggeredDefinition> definitions, Func<CatalogEntry<T>, TriggeredDefinition> convert, CancellationToken cancellationToken)
        where T : class
    {
        foreach (var name in await catalog.ListNamesAsync<T>(cancellationToken))
        {
            try
            {
                if (await catalog.FindAsync<T>(name, cancellationToken) is { } entry)
                    definitions.Add(convert(entry));
            }
            catch (TerminalException exception)
            {
                // A damaged document must not stop the triggers of all others.
                Log.DefinitionUnreadable(logger, name, exception);
            }
        }
    }
}
