using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>A query's result on local disk; disposing removes it.</summary>
public sealed class StagedFiles(string folder, IReadOnlyList<TableColumn> columns, IReadOnlyList<StagedFile> files) : IDisposable
{
    public IReadOnlyList<TableColumn> Columns { get; } = columns;

    /// <summary>Empty when the query gave no rows.</summary>
    public IReadOnlyList<StagedFile> Files { get; } = files;

    public long Rows { get; } = files.Sum(file => file.Statistics.Rows);

    /// <summary>The same files as those of a partition; not to be disposed beside these.</summary>
    /// <param name="partition">The values of the columns that they do not hold.</param>
    internal StagedFiles Of(IReadOnlyDictionary<string, string?> partition) =>
        partition.Count == 0 ? this : new StagedFiles(folder, Columns, [.. Files.Select(file => file with { PartitionValues = partition })]);

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
