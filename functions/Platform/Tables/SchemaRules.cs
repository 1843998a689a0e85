using DataPlatform.Failures;

namespace DataPlatform.Tables;

/// <summary>What a change may do to the columns of its table.</summary>
internal static class SchemaRules
{
    /// <summary>The columns of a table after a change that adds to it. A table's promise that a column has no nulls ends with the
    /// first change that does not give it.</summary>
    /// <returns><paramref name="current"/> itself when nothing changes.</returns>
    /// <exception cref="TerminalException"><c>SchemaMismatch</c>: names each column, both types and the fix.</exception>
    public static IReadOnlyList<TableColumn> Merge(TableName table, IReadOnlyList<TableColumn> current, TableChange change) =>
        change.Columns.Count == 0 && change.Add.Count == 0
            ? current
            : Merge(table, current, change.Columns, change.Add.Count > 0, change.AllowNewColumns);

    /// <param name="adds">Whether files are added, which have no other columns than <paramref name="columns"/>.</param>
    /// <param name="allowNew">Whether columns may be added to the table.</param>
    /// <inheritdoc cref="Merge(TableName, IReadOnlyList{TableColumn}, TableChange)"/>
    public static IReadOnlyList<TableColumn> Merge(
        TableName table, IReadOnlyList<TableColumn> current, IReadOnlyList<TableColumn> columns, bool adds, bool allowNew)
    {
        var given = columns.ToDictionary(column => column.Name, StringComparer.OrdinalIgnoreCase);
        var faults = new List<FailureDetail>();
        var merged = new List<TableColumn>(current.Count);
        foreach (var column in current)
        {
            if (!given.Remove(column.Name, out var other))
                merged.Add(adds ? column with { Nullable = true } : column);
            else if (other.Name != column.Name)
                faults.Add(Fault(other, $"Column '{other.Name}' is written '{column.Name}' in table '{table}': use the same upper and lower case."));
            else if (other.Type != column.Type)
                faults.Add(Fault(other, $"Column '{column.Name}' is {column.Type} in table '{table}' but {other.Type} in this change: "
                    + (WiderTypes.IsWider(other.Type, column.Type)
                        ? $"cast it to {column.Type}, widen the column (operation 'widen' of the table), replace all rows of the table (of a step: run it with 'fullRefresh'), or use another name."
                        : $"cast it to {column.Type}, or use another name.")));
            else
                merged.Add(column with { Nullable = column.Nullable || other.Nullable });
        }

        foreach (var column in columns.Where(column => given.ContainsKey(column.Name)))
        {
            if (allowNew)
                merged.Add(column with { Nullable = true }); // Rows that are there already have no value for it.
            else
                faults.Add(Fault(column, $"Column '{column.Name}' ({column.Type}) is not in table '{table}': leave it out, or allow new columns."));
        }

        if (faults.Count > 0)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "SchemaMismatch",
                faults.Count == 1 ? faults[0].Message : $"{faults.Count} columns do not fit table '{table}'. {faults[0].Message}",
                faults[0].Target,
                faults);
        }

        return merged.SequenceEqual(current) ? current : merged;
    }

    /// <exception cref="TerminalException"><c>InvalidColumns</c>: there are none, or two share a name.</exception>
    public static void EnsureUsable(TableName table, IReadOnlyList<TableColumn> columns)
    {
        if (columns.Count == 0)
            throw Invalid($"Table '{table}' needs at least one column.", null);

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var column in columns)
        {
            if (!names.Add(column.Name))
                throw Invalid($"Table '{table}' would have two columns '{column.Name}' (upper and lower case count as one): rename one.", column.Name);
        }
    }

    /// <summary>Whether files can be divided by columns of a type: their values have one text each that all readers understand.</summary>
    public static bool CanPartition(string type) =>
        type is "boolean" or "byte" or "short" or "integer" or "long" or "string" or "date" or "timestamp" || type.StartsWith("decimal(", StringComparison.Ordinal);

    /// <exception cref="TerminalException"><c>InvalidColumns</c>: files cannot be divided so.</exception>
    public static void EnsurePartitions(TableName table, IReadOnlyList<TableColumn> columns, IReadOnlyList<string> partitions)
    {
        if (partitions.FirstOrDefault(name => columns.All(column => column.Name != name)) is { } unknown)
            throw Invalid($"Table '{table}' cannot be divided by '{unknown}': it has no such column.", unknown);
        if (partitions.Count > 0 && partitions.Count >= columns.Count)
            throw Invalid($"Table '{table}' cannot be divided by all of its columns: its files need one.", partitions[0]);
    }

    private static TerminalException Invalid(string message, string? target) => new(FailureKind.Invalid, "InvalidColumns", message, target);

    private static FailureDetail Fault(TableColumn column, string message) => new("SchemaMismatch", message, column.Name);
}
