using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>A query's result on local disk; disposing removes it.</summary>
public sealed class StagedFiles(string folder, IReadOnlyList<TableColumn> columns, IReadOnlyList<StagedFile> files) : IDisposable
{
    public IReadOnlyList<TableColumn> Columns { get; } = columns;

    /// <summary>Empty when the query gave no rows.</summary>
    public IReadOnlyList<StagedFile> Files { get; } = files;

    public long Rows { get; } = files.Sum(file => file.Statistics.Rows);

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
