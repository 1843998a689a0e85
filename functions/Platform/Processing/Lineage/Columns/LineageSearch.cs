using DataPlatform.Sql.Lineage;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>Follows one table or column both ways, as far as the caller may see.</summary>
internal sealed class LineageSearch(LineageMap map, LineageQuestion question, TableName start, Func<string, bool> has)
{
    /// <summary>Of an answer.</summary>
    private const int MostTables = 500;

    private readonly Dictionary<string, (TableName Table, int Distance, SortedSet<string> Columns)> _tables = new(StringComparer.Ordinal)
    {
        [start.Name] = (start, 0, question.Column is null ? [] : [question.Column]),
    };

    private readonly Dictionary<TableWriter, SortedSet<string>> _writes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SourceColumn, Flow> _ends = [];
    private readonly HashSet<string> _hidden = new(StringComparer.Ordinal);

    public int Hidden => _hidden.Count;

    public bool Truncated { get; private set; }

    public IReadOnlyList<LineageTable> Tables() =>
    [
        .. _tables.Values.OrderBy(found => Math.Abs(found.Distance)).ThenBy(found => found.Distance).ThenBy(found => found.Table.Name, StringComparer.Ordinal)
            .Select(found => new LineageTable(found.Table.Name, found.Table.Kind, found.Distance, question.Column is null ? null : [.. found.Columns])),
    ];

    public Task GoUpAsync(CancellationToken cancellationToken) => GoAsync(
        -1,
        async (table, column) =>
        {
            List<SourceColumn> next = [];
            foreach (var writer in map.WritersOf(table))
            {
                if (column.Length == 0)
                {
                    Note(writer, column: null);
                    next.AddRange(writer.Sources.Select(source => new SourceColumn(source, "")));
                }
                else if (await FlowAsync(writer, column, cancellationToken) is { } flow)
                {
                    Note(writer, column);
                    next.AddRange(flow.Sources.Keys);
                }
            }

            return next;
        },
        cancellationToken);

    public Task GoDownAsync(CancellationToken cancellationToken) => GoAsync(
        1,
        async (table, column) =>
        {
            List<SourceColumn> next = [];
            foreach (var writer in map.ReadersOf(table))
            {
                if (!MaySee(writer.Target))
                    continue;
                if (column.Length == 0)
                {
                    Note(writer, column: null);
                    next.Add(new SourceColumn(writer.Target.Name, ""));
                    continue;
                }

                foreach (var name in await NamesAsync(writer, cancellationToken))
                {
                    if ((await FlowAsync(writer, name, cancellationToken))?.Sources.ContainsKey(new SourceColumn(table, column)) != true)
                        continue;
                    Note(writer, name);
                    next.Add(new SourceColumn(writer.Target.Name, name));
                }
            }

            return next;
        },
        cancellationToken);

    /// <summary>The columns of datasets that a column comes from in the end, over all that lies between.</summary>
    public async Task<Flow> EndsAsync(string table, string column, CancellationToken cancellationToken)
    {
        var place = new SourceColumn(table, column);
        if (_ends.TryGetValue(place, out var known))
            return known;

        // Definitions may run in a circle: coming here again adds nothing.
        _ends[place] = Flow.None;
        if (await map.FindAsync(table, cancellationToken) is not { } name || !MaySee(name))
            return Flow.None;
        if (name.Kind == TableKind.Dataset)
            return _ends[place] = Flow.Of(table, column);

        var ends = Flow.None;
        foreach (var writer in map.WritersOf(table))
        {
            foreach (var (source, influences) in (await FlowAsync(writer, column, cancellationToken))?.Sources ?? Flow.None.Sources)
                ends = ends.And((await EndsAsync(source.Table, source.Column, cancellationToken)).Behind(influences));
        }

        return _ends[place] = ends;
    }

    public async Task<IReadOnlyList<LineageWrite>> WritesAsync(CancellationToken cancellationToken)
    {
        List<LineageWrite> writes = [];
        foreach (var (writer, columns) in _writes)
        {
            var isMart = writer.Target.Kind == TableKind.Mart;
            var mayReadPipeline = !isMart && has($"read:pipeline/{writer.Name}");
            var write = new LineageWrite(
                writer.Target.Name,
                mayReadPipeline ? writer.Name : null,
                mayReadPipeline ? writer.Step : null,
                [.. await SeenAsync(writer.Sources, source => source, cancellationToken)],
                Columns: null,
                Rows: null,
                writer.IsReadable ? null : "the step's SQL cannot be read");
            writes.Add(question.Columns || question.Column is not null ? await WithColumnsAsync(write, writer, columns, cancellationToken) : write);
        }

        return writes;
    }

    private async Task<LineageWrite> WithColumnsAsync(LineageWrite write, TableWriter writer, SortedSet<string> columns, CancellationToken cancellationToken)
    {
        var query = await map.QueryAsync(writer, cancellationToken);
        List<LineageColumn> shown = [];
        IReadOnlyCollection<string> names = question.Column is null ? await NamesAsync(writer, cancellationToken) : columns;
        foreach (var name in names)
        {
            if (query.Find(name) is { } flow)
                shown.Add(new LineageColumn(name, await InputsAsync(flow, cancellationToken), flow.Unknown));
        }

        var unlisted = query.Rest is not null && await map.ColumnsAsync(writer.Target.Name, cancellationToken) is null;
        return write with
        {
            Columns = shown,
            Rows = await InputsAsync(query.Rows, cancellationToken),
            Unknown = query.Rows.Unknown ?? (unlisted ? "not all columns of the tables that it reads are known" : null),
        };
    }

    private async Task<IReadOnlyList<LineageInput>> InputsAsync(Flow flow, CancellationToken cancellationToken) =>
    [
        .. (await SeenAsync(flow.Sources, source => source.Key.Table, cancellationToken))
            .Select(source => new LineageInput(source.Key.Table, source.Key.Column, LineageTransformation.Of(source.Value))),
    ];

    private async Task<IReadOnlyList<T>> SeenAsync<T>(IEnumerable<T> items, Func<T, string> table, CancellationToken cancellationToken)
    {
        List<T> seen = [];
        foreach (var item in items)
        {
            if (await map.FindAsync(table(item), cancellationToken) is { } name && MaySee(name))
                seen.Add(item);
        }

        return seen;
    }

    /// <summary>What a step writes into a column of its target.</summary>
    /// <returns>Null when it does not write this one.</returns>
    private async Task<Flow?> FlowAsync(TableWriter writer, string column, CancellationToken cancellationToken)
    {
        var query = await map.QueryAsync(writer, cancellationToken);
        return query.Find(column) is { } flow && question.Indirect ? flow.And(query.Rows) : query.Find(column);
    }

    /// <summary>The columns that a step writes: where its SQL does not name them all, those that its target has.</summary>
    private async Task<IReadOnlyList<string>> NamesAsync(TableWriter writer, CancellationToken cancellationToken)
    {
        var query = await map.QueryAsync(writer, cancellationToken);
        var named = query.Columns.Select(column => column.Name).Where(name => name.Length > 0);
        return query.Rest is not null && await map.ColumnsAsync(writer.Target.Name, cancellationToken) is { } columns
            ? columns
            : [.. named.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <param name="step">-1 upstream, 1 downstream.</param>
    /// <param name="next">What lies one step further; a table's column is empty.</param>
    private async Task GoAsync(int step, Func<string, string, Task<IReadOnlyList<SourceColumn>>> next, CancellationToken cancellationToken)
    {
        HashSet<SourceColumn> seen = [new(start.Name, question.Column ?? "")];
        var here = seen.ToList();
        for (var distance = 1; here.Count > 0; distance++)
        {
            List<SourceColumn> beyond = [];
            foreach (var place in here)
            {
                if (distance > question.Depth)
                {
                    Truncated |= (step < 0 ? map.WritersOf(place.Table) : map.ReadersOf(place.Table)).Any();
                    continue;
                }

                foreach (var found in await next(place.Table, place.Column))
                {
                    if (seen.Add(found) && await AddAsync(found, step * distance, cancellationToken))
                        beyond.Add(found);
                }
            }

            here = beyond;
        }
    }

    private async Task<bool> AddAsync(SourceColumn place, int distance, CancellationToken cancellationToken)
    {
        if (await map.FindAsync(place.Table, cancellationToken) is not { } table || !MaySee(table))
            return false;
        if (!_tables.TryGetValue(place.Table, out var found))
        {
            if (_tables.Count == MostTables)
            {
                Truncated = true;
                return false;
            }

            _tables[place.Table] = found = (table, distance, []);
        }

        if (place.Column.Length > 0)
            found.Columns.Add(place.Column);
        return true;
    }

    private void Note(TableWriter writer, string? column)
    {
        if (!_writes.TryGetValue(writer, out var columns))
            _writes[writer] = columns = new SortedSet<string>(StringComparer.Ordinal);
        if (column is not null)
            columns.Add(column);
    }

    private bool MaySee(TableName table)
    {
        var may = has(LineageReader.ScopeOf(table));
        if (!may)
            _hidden.Add(table.Name);
        return may;
    }
}
