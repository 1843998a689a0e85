namespace DataPlatform.Sql.Lineage;

/// <summary>What the columns of a query's result come from.</summary>
/// <param name="Columns">In the result's order.</param>
/// <param name="Rows">What decides which rows there are, for all columns alike: joins, filters, groups, orders. Indirect only.</param>
/// <param name="Rest">What a column comes from that the result may have besides, by its name; null when <paramref name="Columns"/> are all.</param>
public sealed record QueryLineage(IReadOnlyList<OutputColumn> Columns, Flow Rows, Func<string, Flow>? Rest)
{
    /// <summary>What a column of the result comes from.</summary>
    /// <returns>Null when the result has no such column.</returns>
    public Flow? Find(string column) =>
        Columns.FirstOrDefault(own => own.Name.Equals(column, StringComparison.OrdinalIgnoreCase))?.Flow ?? Rest?.Invoke(column);
}
