using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>A SELECT over a table's files with the values of its partition columns, which come from the log and not from the files. A filter on
/// one of them keeps whole partitions from being read.</summary>
internal static class PartitionedRelation
{
    /// <param name="files">As the log has them.</param>
    /// <param name="local">Their local copies, in the same order.</param>
    /// <param name="alike">Whether a column has one type in all files. Where it has several, the engine would give all of them that of the first.</param>
    /// <inheritdoc cref="SqlText.Relation"/>
    public static string Of(
        IReadOnlyList<TableColumn> columns,
        IReadOnlyList<string> partitionColumns,
        IReadOnlyList<DataFile> files,
        IReadOnlyList<string> local,
        bool instants,
        bool alike)
    {
        var partitions = columns.Where(column => partitionColumns.Contains(column.Name)).ToList();
        if (partitions.Count == 0 || files.Count == 0)
            return SqlText.Relation(columns, local, alike && SqlSession.HaveAll(files, columns), instants);

        IReadOnlyList<TableColumn> stored = [.. columns.Except(partitions)];
        return string.Join(
            " UNION ALL ",
            files.Zip(local)
                .GroupBy(pair => string.Join('\0', partitions.Select(column => PartitionValues.Of(pair.First, column.Name) is { } value ? "=" + value : "")))
                .Select(group => SqlText.Relation(
                    columns,
                    [.. group.Select(pair => pair.Second)],
                    alike && SqlSession.HaveAll([.. group.Select(pair => pair.First)], stored),
                    instants,
                    partitions.ToDictionary(column => column.Name, column => Constant(column, PartitionValues.Of(group.First().First, column.Name), instants)))));
    }

    /// <summary>A partition value as Delta writes it, typed (PROTOCOL.md, "Partition Value Serialization").</summary>
    private static string Constant(TableColumn column, string? value, bool instants)
    {
        var text = value is null ? "NULL" : SqlText.Literal(value);
        return column.Type switch
        {
            "binary" when value is not null => $"unhex('{Convert.ToHexString([.. value.Select(c => (byte)c)])}')",
            "timestamp" when !instants => $"make_timestamp(epoch_us(CAST({text} AS TIMESTAMP WITH TIME ZONE)))",
            _ => $"CAST({text} AS {DeltaTypes.ToSql(column.Type)})",
        };
    }
}
