namespace DataPlatform.Sql.Lineage;

/// <summary>A column of a table that a query reads.</summary>
/// <param name="Table">In lower case; <c>new.X</c> is X.</param>
public readonly record struct SourceColumn(string Table, string Column)
{
    /// <summary>By table, then by column.</summary>
    public static IComparer<SourceColumn> Order { get; } = Comparer<SourceColumn>.Create((a, b) =>
        string.CompareOrdinal(a.Table, b.Table) is var byTable and not 0 ? byTable : string.CompareOrdinal(a.Column, b.Column));

    public override string ToString() => $"{Table}.{Column}";
}
