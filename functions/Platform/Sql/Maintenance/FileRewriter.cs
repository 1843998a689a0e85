using DataPlatform.Failures;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;

namespace DataPlatform.Sql.Maintenance;

/// <summary>Writes files of one partition anew, with the same rows.</summary>
internal sealed class FileRewriter(SqlEngine engine, ParquetStage stage, IEnumerable<FilesRewritten> followers)
{
    /// <param name="snapshot">Has the files.</param>
    /// <param name="columns">Its columns, perhaps with wider types: those of the new files.</param>
    /// <param name="prefix">Of the new files' names.</param>
    /// <exception cref="TerminalException"><c>TableFilesDiffer</c>.</exception>
    public async Task<IReadOnlyList<DataFile>> RewriteAsync(
        Snapshot snapshot, IReadOnlyList<TableColumn> columns, IReadOnlyList<DataFile> files, ParquetOptions options, string prefix,
        IReadOnlyDictionary<string, string?>? tags, CancellationToken cancellationToken)
    {
        await using var session = await engine.OpenAsync(cancellationToken);
        await session.MountAsync(
            "rewritten", snapshot with { Columns = columns }, new MountOptions { Files = files, SystemColumns = true, DeletedRows = true, Instants = true }, cancellationToken);
        var kept = columns.Where(column => !snapshot.PartitionColumns.Contains(column.Name) && !IsSpared(column, files)).Select(column => column.Name);
        using var staged = await stage.WriteAsync(session, $"SELECT {SqlText.Identifiers(kept)} FROM rewritten", options, cancellationToken);
        var rows = files.Aggregate((long?)0, (sum, file) => sum + file.Statistics?.Rows);
        if (rows is not null && rows != staged.Rows)
        {
            throw new TerminalException(
                FailureKind.Internal,
                "TableFilesDiffer",
                $"Files of table '{snapshot.Table}' hold {staged.Rows} rows where its log says {rows} ('{files[0].Path}' and {files.Count - 1} more). They were left alone.",
                snapshot.Table.Name);
        }

        IReadOnlyList<DataFile> added =
        [
            .. (await stage.UploadAsync(staged.Of(files[0].PartitionValues), snapshot.Table, prefix, cancellationToken)).Select(file => file with { Tags = tags }),
        ];
        foreach (var follower in followers)
            await follower.CarryAsync(snapshot, files, added, cancellationToken);
        return added;
    }

    /// <summary>Files without the mark of deleted rows are read faster.</summary>
    private static bool IsSpared(TableColumn column, IReadOnlyList<DataFile> files) =>
        column.Name == TableColumn.Deleted && files.All(file => file.Statistics is { } known && !known.NullCount.ContainsKey(column.Name));
}
