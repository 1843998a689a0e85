namespace DataPlatform.Sql.Lineage;

/// <summary>Something with rows that a FROM names.</summary>
/// <param name="Name">Its alias, or the table's name.</param>
/// <param name="Rest">See <see cref="QueryLineage.Rest"/>.</param>
internal sealed record Relation(string Name, string Schema, IReadOnlyList<OutputColumn> Columns, Func<string, Flow>? Rest)
{
    public OutputColumn? FindListed(string column) => Columns.FirstOrDefault(own => own.Name.Equals(column, StringComparison.OrdinalIgnoreCase));

    /// <summary>The whole row as one value.</summary>
    public Flow Row() => Columns
        .Aggregate(Rest?.Invoke("*") is null ? Flow.None : Flow.NotKnown($"not all columns of '{Name}' are known"), (all, column) => all.And(column.Flow))
        .Through(Influences.Transformation);

    /// <summary>With other names for its first columns.</summary>
    public Relation Rename(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return this;
        IReadOnlyList<OutputColumn> columns =
            [.. Columns.Select((column, i) => i < names.Count ? column with { Name = names[i] } : column)];
        return Rest is null || names.Count <= columns.Count
            ? this with { Columns = columns }
            : this with { Columns = columns, Rest = _ => Flow.NotKnown($"not all columns of '{Name}' are known, which gives them other names") };
    }
}
