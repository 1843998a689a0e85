using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>Shows the rows of a mart's source that can be in touched partitions, and reads little more than them.</summary>
internal static class SourceScan
{
    private const string All = "_all";

    /// <summary>Mounts the source under a name. Rows of other partitions may be among those shown.</summary>
    /// <param name="session">Has <see cref="TouchedPartitions.Relation"/>.</param>
    /// <param name="partition">Null when no column tells: then all rows are shown.</param>
    /// <returns>How many files are read.</returns>
    public static async Task<int> MountTouchedAsync(
        SqlSession session, string name, Snapshot source, PartitionSource? partition, CancellationToken cancellationToken)
    {
        if (partition is null || source.Files.Count == 0
            || await ValueRanges.ReadAsync(session, partition, cancellationToken) is not { } ranges)
        {
            await session.MountAsync(name, source, options: null, cancellationToken);
            return source.Files.Count;
        }

        var files = await FindFilesAsync(session, source.Files, partition.Column, ranges, cancellationToken);
        await session.MountAsync(All, source, new MountOptions { Files = files, Instants = true }, cancellationToken);

        // Bounds of the stored values keep whole groups of rows from being read; those of the values shown would not.
        var times = source.Columns.Where(column => column.Type == "timestamp" && !column.Name.StartsWith('_'))
            .Select(column => $"make_timestamp(epoch_us({SqlText.Identifier(column.Name)})) AS {SqlText.Identifier(column.Name)}").ToList();
        var shown = times.Count == 0 ? "*" : $"* REPLACE ({string.Join(", ", times)})";
        await session.ExecuteAsync($"CREATE OR REPLACE VIEW {SqlText.Identifier(name)} AS SELECT {shown} FROM {All} WHERE {Condition(partition.Column, ranges)}", cancellationToken);
        return files.Count;
    }

    /// <summary>The files that can hold rows of the partitions.</summary>
    public static async Task<IReadOnlyList<DataFile>> FindFilesAsync(SqlSession session, Snapshot source, PartitionSource? partition, CancellationToken cancellationToken) =>
        partition is not null && source.Files.Count > 0 && await ValueRanges.ReadAsync(session, partition, cancellationToken) is { } ranges
            ? await FindFilesAsync(session, source.Files, partition.Column, ranges, cancellationToken)
            : source.Files;

    private static string Condition(TableColumn column, ValueRanges ranges)
    {
        var name = $"{All}.{SqlText.Identifier(column.Name)}";
        var type = DeltaTypes.ToSql(column.Type);
        var conditions = ranges.Ranges.Select(range => $"({name} >= {Constant(range.First)} AND {name} {(ranges.IsOpen ? "<" : "<=")} {Constant(range.Last)})");
        if (ranges.HasNull)
            conditions = conditions.Append($"{name} IS NULL");
        return string.Join(" OR ", conditions.DefaultIfEmpty("false"));

        string Constant(string text) => $"CAST({SqlText.Literal(column.Type == "timestamp" ? text + "+00" : text)} AS {type})";
    }

    private static async Task<IReadOnlyList<DataFile>> FindFilesAsync(
        SqlSession session, IReadOnlyList<DataFile> files, TableColumn column, ValueRanges ranges, CancellationToken cancellationToken)
    {
        var type = column.Type == "timestamp" ? "TIMESTAMP" : DeltaTypes.ToSql(column.Type);
        var conditions = ranges.Ranges
            .Select(range => $"(high >= CAST({SqlText.Literal(range.First)} AS {type}) AND low <= CAST({SqlText.Literal(range.Last)} AS {type}))")
            .Append(ranges.HasNull ? "nulls > 0" : "false");
        return await session.ReadAsync(
            $"SELECT file FROM ({FileBounds.Sql(files, column.Name, type)}) WHERE unknown OR {string.Join(" OR ", conditions)} ORDER BY file",
            [],
            reader => files[reader.GetInt32(0)],
            cancellationToken);
    }
}
