namespace DataPlatform.Sql.Lineage;

/// <summary>The relations of a FROM, and the columns that joins with USING have made one.</summary>
/// <param name="Merged">By relation and column, ignoring case.</param>
internal sealed record FromItems(IReadOnlyList<Relation> Relations, IReadOnlyDictionary<(Relation, string), OutputColumn> Merged)
{
    private static readonly IReadOnlyDictionary<(Relation, string), OutputColumn> NoneMerged = new Dictionary<(Relation, string), OutputColumn>();

    public static FromItems Empty { get; } = new([], NoneMerged);

    /// <summary>Whether every column is known.</summary>
    public bool IsComplete => Relations.All(relation => relation.Rest is null);

    public static FromItems Of(Relation relation) => new([relation], NoneMerged);

    /// <param name="joinType">As the parser names it: it decides which side a merged column is taken from.</param>
    /// <param name="names">Of USING.</param>
    public FromItems Join(FromItems right, string joinType, IReadOnlyList<string> names)
    {
        var merged = new Dictionary<(Relation, string), OutputColumn>(Merged);
        foreach (var (key, column) in right.Merged)
            merged[key] = column;
        foreach (var name in names)
        {
            var (ours, theirs) = (Find(name), right.Find(name));
            var column = new OutputColumn(ours?.Name ?? name, (ours, theirs) switch
            {
                (null, _) or (_, null) => Flow.NotKnown($"'{name}' of USING is not a column of both sides"),
                _ when joinType == "RIGHT" => theirs.Flow,
                _ when joinType is "OUTER" or "FULL" => ours.Flow.And(theirs.Flow).Through(Influences.Transformation),
                _ => ours.Flow,
            });
            foreach (var relation in Relations.Concat(right.Relations).Where(relation => relation.FindListed(name) is not null))
                merged[(relation, Key(name))] = column;
        }

        return new FromItems([.. Relations, .. right.Relations], merged);
    }

    /// <summary>A column by its bare name.</summary>
    /// <returns>Null when there is none.</returns>
    public Found? Find(string name)
    {
        List<OutputColumn> found = [];
        foreach (var relation in Relations)
        {
            var column = Merged.GetValueOrDefault((relation, Key(name))) ?? relation.FindListed(name);
            if (column is not null && !found.Exists(other => ReferenceEquals(other, column)))
                found.Add(column);
        }

        if (found.Count > 0)
            return new Found(found[0].Name, found.Count == 1 ? found[0].Flow : Flow.NotKnown($"'{name}' may be a column of several relations"));

        var open = Relations.Where(relation => relation.Rest is not null).ToList();
        return open.Count switch
        {
            0 => null,
            1 => new Found(name, open[0].Rest!(name), Certain: false),
            _ => new Found(name, Flow.NotKnown($"it is not known which of {string.Join(", ", open.Select(relation => $"'{relation.Name}'"))} has the column '{name}'"), Certain: false),
        };
    }

    /// <param name="schema">Null for any.</param>
    public Relation? FindRelation(string name, string? schema = null) => Relations.FirstOrDefault(relation =>
        relation.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
        && (schema is null || relation.Schema.Equals(schema, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The columns that <c>*</c> stands for, or <c>relation.*</c>.</summary>
    public IEnumerable<(Relation Relation, OutputColumn Column)> Star(string relationName)
    {
        HashSet<OutputColumn> done = new(ReferenceEqualityComparer.Instance);
        foreach (var relation in Relations)
        {
            if (relationName.Length > 0 && !relation.Name.Equals(relationName, StringComparison.OrdinalIgnoreCase))
                continue;
            foreach (var column in relation.Columns)
            {
                if (relationName.Length > 0 || !Merged.TryGetValue((relation, Key(column.Name)), out var merged))
                    yield return (relation, column);
                else if (done.Add(merged))
                    yield return (relation, merged);
            }
        }
    }

    private static string Key(string name) => name.ToLowerInvariant();
}
