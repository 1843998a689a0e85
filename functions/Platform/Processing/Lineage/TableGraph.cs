using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage;

/// <summary>Which tables are computed from which, as pipelines and marts are defined now.</summary>
public sealed class TableGraph(IReadOnlyList<TableWriter> writers)
{
    private readonly ILookup<string, TableWriter> _bySource = writers
        .SelectMany(writer => writer.Sources.Select(source => (Source: source, Writer: writer)))
        .ToLookup(use => use.Source, use => use.Writer, StringComparer.Ordinal);

    private readonly ILookup<string, TableWriter> _byTarget = writers.ToLookup(writer => writer.Target.Name, StringComparer.Ordinal);

    public IEnumerable<TableWriter> WritersOf(string table) => _byTarget[table];

    /// <returns>Null for datasets, and for what nobody writes.</returns>
    public TableName? Find(string table) => _byTarget[table].FirstOrDefault()?.Target;

    /// <summary>All tables computed from a table, each behind those it is computed from (where definitions run in a circle there is no such
    /// order).</summary>
    public IReadOnlyList<TableName> DescendantsOf(string table)
    {
        List<TableName> done = [];
        var seen = new HashSet<string>(StringComparer.Ordinal) { table };
        Visit(table);
        done.Reverse();
        return done;

        void Visit(string name)
        {
            foreach (var writer in _bySource[name])
            {
                if (!seen.Add(writer.Target.Name))
                    continue;
                Visit(writer.Target.Name);
                done.Add(writer.Target);
            }
        }
    }

    /// <summary>The tables on all ways from one to another, with the other as the last.</summary>
    /// <returns>Empty when there is no way.</returns>
    public IReadOnlyList<TableName> Between(string from, string to)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([to]);
        while (open.TryPop(out var name))
        {
            if (!needed.Add(name))
                continue;
            foreach (var source in _byTarget[name].SelectMany(writer => writer.Sources))
                open.Push(source);
        }

        return needed.Contains(from)
            ? [.. DescendantsOf(from).Where(table => needed.Contains(table.Name)).OrderBy(table => table.Name == to)]
            : [];
    }
}
