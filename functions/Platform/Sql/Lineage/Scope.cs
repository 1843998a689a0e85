namespace DataPlatform.Sql.Lineage;

/// <summary>What names stand for at one place of a query.</summary>
/// <param name="outer">Of the query around, which a correlated subquery sees.</param>
internal sealed class Scope(FromItems from, Scope? outer)
{
    private readonly Dictionary<string, Flow> _aliases = new(StringComparer.OrdinalIgnoreCase);

    public FromItems From => from;

    public Scope? Outer => outer;

    /// <summary>What decides which rows the query has.</summary>
    public Flow Rows { get; set; } = Flow.None;

    /// <summary>Names that a lambda gives to the elements of its list.</summary>
    public HashSet<string> Parameters { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes an item of the SELECT known by its alias. The first one stays.</summary>
    public void Name(string alias, Flow flow) => _aliases.TryAdd(alias, flow);

    public Flow? Alias(string name) => _aliases.GetValueOrDefault(name);

    /// <summary>A bare name: a column, else an alias given before, else a column of the query around.</summary>
    public Found? Find(string name)
    {
        if (Parameters.Contains(name))
            return new Found(name, Flow.None);
        if (from.Find(name) is { Certain: true } column)
            return column;
        var other = _aliases.TryGetValue(name, out var alias) ? new Found(name, alias) : outer?.Find(name);
        var maybe = from.Find(name);
        return maybe is null || other is null ? maybe ?? other
            : new Found(name, Flow.NotKnown($"it is not known whether '{name}' is a column of a table whose columns are not known"), Certain: false);
    }

    /// <summary>A relation by its name, here or around.</summary>
    public Relation? FindRelation(string name, string? schema = null) => from.FindRelation(name, schema) ?? outer?.FindRelation(name, schema);
}
