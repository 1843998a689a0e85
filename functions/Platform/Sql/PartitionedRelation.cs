using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>A SELECT over a table's files with the values of its partition columns, which come from the log and not from the files. A filter on
/// one of them keeps whole partitions from being read. Each file is read as it was written, whatever its table is divided by now.</summary>
internal static class PartitionedRelation
{
    /// <param name="files">As the log has them.</param>
    /// <param name="local">Their local copies, in the same order.</param>
    /// <param name="alike">Whether a column has one type in all files. Where it has several, the engine would give all of them that of the first.</param>
    /// <inheritdoc cref="SqlText.Relation"/>
    public static string Of(
        IReadOnlyList<TableColumn> columns, IReadOnlyList<DataFile> files, IReadOnlyList<string> local, bool instants, bool alike)
    {
        var groups = Groups(columns, files, local).ToList();
        if (groups.Count == 0 || (groups is [var only] && only.Partition.Count == 0))
            return SqlText.Relation(columns, local, alike && SqlSession.HaveAll(files, columns), instants);

        return string.Join(
            " UNION ALL ",
            groups.Select(group => SqlText.Relation(
                columns,
                group.Local,
                alike && SqlSession.HaveAll(group.Files, [.. columns.Where(column => !group.Partition.ContainsKey(column.Name))]),
                instants,
                columns.Where(column => group.Partition.ContainsKey(column.Name)).ToDictionary(column => column.Name, column => Constant(column, group.Partition[column.Name], instants)))));
    }

    /// <summary>A SELECT of all columns that files have and of their partition columns, with the types in the files, by name: for those who say themselves which they want.</summary>
    /// <param name="columns">The table's.</param>
    /// <param name="path">A column that no table has, for the local copy's path.</param>
    /// <param name="more">Another expression with its name, over a file's columns; null for none.</param>
    public static string Raw(IReadOnlyList<TableColumn> columns, IReadOnlyList<DataFile> files, IReadOnlyList<string> local, string path, string? more)
    {
        return string.Join(" UNION ALL BY NAME ", Groups(columns, files, local).Select(Select));

        string Select(Group group)
        {
            List<string> items = [group.Partition.Count == 0 ? "*" : $"COLUMNS(c -> c NOT IN ({string.Join(", ", group.Partition.Keys.Select(SqlText.Literal))}))"];
            items.AddRange(columns.Where(column => group.Partition.ContainsKey(column.Name))
                .Select(column => $"{Constant(column, group.Partition[column.Name], instants: true)} AS {SqlText.Identifier(column.Name)}"));
            if (more is not null)
                items.Add(more);
            return $"SELECT {string.Join(", ", items)} FROM read_parquet({SqlText.Files(group.Local)}, filename => {SqlText.Literal(path)}, union_by_name => true, hive_partitioning => false)";
        }
    }

    /// <summary>The files by what the log tells of their columns' values.</summary>
    private static IEnumerable<Group> Groups(IReadOnlyList<TableColumn> columns, IReadOnlyList<DataFile> files, IReadOnlyList<string> local) =>
        files.Zip(local)
            .Select(pair => (File: pair.First, Local: pair.Second, Partition: PartitionOf(columns, pair.First)))
            .GroupBy(item => string.Join('\0', item.Partition.Select(value => $"{value.Key}{(value.Value is null ? "" : "=" + value.Value)}")), StringComparer.Ordinal)
            .Select(group => new Group(group.First().Partition, [.. group.Select(item => item.File)], [.. group.Select(item => item.Local)]));

    private static IReadOnlyDictionary<string, string?> PartitionOf(IReadOnlyList<TableColumn> columns, DataFile file)
    {
        if (file.PartitionValues.Count == 0 && !file.Path.Contains('/', StringComparison.Ordinal))
            return DataFile.NoPartition;

        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (PartitionValues.TryOf(file, column.Name, out var value))
                values[column.Name] = value;
        }

        return values;
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

    private sealed record Group(IReadOnlyDictionary<string, string?> Partition, IReadOnlyList<DataFile> Files, IReadOnlyList<string> Local);
}
