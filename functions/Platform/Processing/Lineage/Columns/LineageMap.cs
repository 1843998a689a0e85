using DataPlatform.Catalog;
using DataPlatform.Sql.Lineage;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>The writers of all tables, and what their columns come from, looked up as it is needed. For one request.</summary>
internal sealed class LineageMap
{
    private readonly ILookup<string, TableWriter> _bySource;
    private readonly ILookup<string, TableWriter> _byTarget;
    private readonly TableCatalog _names;
    private readonly TableShapes _shapes;
    private readonly ColumnLineages _lineages;
    private readonly Dictionary<string, TableName?> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>?> _columns = new(StringComparer.Ordinal);
    private readonly Dictionary<TableWriter, QueryLineage> _queries = new(ReferenceEqualityComparer.Instance);

    public LineageMap(IReadOnlyList<TableWriter> writers, TableCatalog names, TableShapes shapes, ColumnLineages lineages)
    {
        _bySource = writers.SelectMany(writer => writer.Sources.Select(source => (source, writer))).ToLookup(use => use.source, use => use.writer, StringComparer.Ordinal);
        _byTarget = writers.ToLookup(writer => writer.Target.Name, StringComparer.Ordinal);
        (_names, _shapes, _lineages) = (names, shapes, lineages);
    }

    public IEnumerable<TableWriter> WritersOf(string table) => _byTarget[table];

    public IEnumerable<TableWriter> ReadersOf(string table) => _bySource[table];

    /// <returns>Null for a name that nothing has any more.</returns>
    public async Task<TableName?> FindAsync(string table, CancellationToken cancellationToken)
    {
        if (_tables.TryGetValue(table, out var known))
            return known;
        return _tables[table] = _byTarget[table].FirstOrDefault()?.Target ?? await _names.FindAsync(table, cancellationToken);
    }

    /// <summary>The columns of a table: those it has, or that it is defined with, or that its steps give.</summary>
    /// <returns>Null when they are not all known.</returns>
    public async Task<IReadOnlyList<string>?> ColumnsAsync(string table, CancellationToken cancellationToken)
    {
        if (_columns.TryGetValue(table, out var known))
            return known;
        if (await FindAsync(table, cancellationToken) is not { } name)
            return _columns[table] = null;
        if (await _shapes.ReadAsync(name, cancellationToken) is { } columns)
            return _columns[table] = columns;

        // Definitions may run in a circle: whoever comes here again finds it not known.
        _columns[table] = null;
        List<string> written = [];
        foreach (var writer in WritersOf(table))
        {
            var query = await QueryAsync(writer, cancellationToken);
            if (query.Rest is not null)
                return null;
            written.AddRange(query.Columns.Select(column => column.Name).Where(column => column.Length > 0 && !written.Contains(column, StringComparer.OrdinalIgnoreCase)));
        }

        return _columns[table] = written.Count > 0 ? written : null;
    }

    public async Task<QueryLineage> QueryAsync(TableWriter writer, CancellationToken cancellationToken)
    {
        if (_queries.TryGetValue(writer, out var known))
            return known;
        if (!writer.IsReadable)
        {
            var unknown = Flow.NotKnown("the step's SQL cannot be read");
            return _queries[writer] = new QueryLineage([], unknown, _ => unknown);
        }

        var columns = new Dictionary<string, IReadOnlyList<string>?>(StringComparer.Ordinal);
        foreach (var source in writer.Sources)
            columns[source] = await ColumnsAsync(source, cancellationToken);
        return _queries[writer] = await _lineages.ReadAsync(writer, columns, cancellationToken);
    }
}
