using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>A SELECT over a table's files with the values of its partition columns, which come from the log and not from the files. A filter on
/// one of them keeps whole partitions from being read. Each file is read as it was written, whatever its table is divided by now.</summary>
internal static class PartitionedRelation
{
    private const int MostBranches = 64;

    // So many branches are planned in a fifth of a second; rows are read faster without a join.
    private const int MostApart = 1000;

    /// <param name="files">As the log has them.</param>
    /// <param name="local">Their local copies, in the same order.</param>
    /// <param name="alike">Whether a column has one type in all files. Where it has several, the engine would give all of them that of the first.</param>
    /// <param name="mostApart">More partitions than this share branches of the SELECT.</param>
    /// <inheritdoc cref="SqlText.Relation"/>
    public static string Of(
        IReadOnlyList<TableColumn> columns, IReadOnlyList<DataFile> files, IReadOnlyList<string> local, bool instants, bool alike, int mostApart = MostApart)
    {
        var groups = Groups(columns, files, local).ToList();
        if (groups.Count == 0 || (groups is [var only] && only.Partition.Count == 0))
            return SqlText.Relation(columns, local, alike && SqlSession.HaveAll(files, columns), instants);

        if (groups.Count > mostApart)
            return Folded(columns, groups, instants, alike);

        return string.Join(
            " UNION ALL ",
            groups.Select(group => SqlText.Relation(
                columns,
                group.Local,
                alike && SqlSession.HaveAll(group.Files, [.. columns.Where(column => !group.Partition.ContainsKey(column.Name))]),
                instants,
                columns.Where(column => group.Partition.ContainsKey(column.Name)).ToDictionary(column => column.Name, column => Constant(column, group.Partition[column.Name], instants)))));
    }

    /// <summary>The same for many partitions, some of which share a branch each: their values are joined to the rows of their files. A branch says between
    /// which values of the first column it lies, so that a filter on that keeps whole branches from being read.</summary>
    private static string Folded(IReadOnlyList<TableColumn> columns, List<Group> groups, bool instants, bool alike) => string.Join(
        " UNION ALL ",
        groups.GroupBy(group => string.Join('\0', group.Partition.Keys), StringComparer.Ordinal).SelectMany(same =>
        {
            TableColumn[] divided = [.. columns.Where(column => same.First().Partition.ContainsKey(column.Name))];
            return same
                .OrderBy(group => divided.Length == 0 ? 0 : NumberOf(divided[0], group))
                .ThenBy(group => divided.Length == 0 ? null : group.Partition[divided[0].Name], StringComparer.Ordinal)
                .Chunk(((groups.Count - 1) / MostBranches) + 1)
                .Select(some => Branch(columns, divided, some, instants, alike));
        }));

    private static string Branch(IReadOnlyList<TableColumn> columns, TableColumn[] divided, Group[] groups, bool instants, bool alike)
    {
        IReadOnlyList<DataFile> files = [.. groups.SelectMany(group => group.Files)];
        IReadOnlyList<string> local = [.. groups.SelectMany(group => group.Local)];
        var complete = alike && SqlSession.HaveAll(files, [.. columns.Except(divided)]);
        if (divided.Length == 0)
            return SqlText.Relation(columns, local, complete, instants);

        var rows = groups.SelectMany(group =>
        {
            var values = string.Concat(divided.Select(column => $", {Constant(column, group.Partition[column.Name], instants)}"));
            return group.Local.Select(path => $"({SqlText.Literal(path)}{values})");
        });
        string[] names = [.. divided.Select((_, i) => $"\"?{i}\"")];
        var joined = $" JOIN (VALUES {string.Join(", ", rows)}) AS \"?values\"(\"?path\", {string.Join(", ", names)}) ON {SqlText.Identifier(SqlText.FileColumn)} = \"?path\"";
        if (groups.All(group => group.Partition[divided[0].Name] is not null))
        {
            var firsts = string.Join(", ", groups.Select(group => group.Partition[divided[0].Name]).Distinct().Select(value => Constant(divided[0], value, instants)));
            joined += $" WHERE \"?0\" BETWEEN least({firsts}) AND greatest({firsts})";
        }

        return SqlText.Relation(
            columns, local, complete, instants, divided.Zip(names).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal), joined);
    }

    /// <summary>Brings numbers into their order, so that branches are narrow; nothing else depends on it.</summary>
    private static decimal NumberOf(TableColumn column, Group group) =>
        group.Partition[column.Name] is not { } value ? decimal.MinValue
        : column.Type is "string" or "date" or "timestamp" ? 0
        : decimal.TryParse(value, System.Globalization.NumberStyles.Number, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

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
