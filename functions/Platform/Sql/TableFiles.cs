using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>Where the files of a table lie.</summary>
public static class TableFiles
{
    /// <exception cref="TerminalException">The log names a file outside the table's folder.</exception>
    public static LakePath PathOf(TableName table, DataFile file)
    {
        var relative = Uri.UnescapeDataString(file.Path);
        if (relative.Contains("://", StringComparison.Ordinal) || relative.StartsWith('/'))
            throw new TerminalException(
                FailureKind.NotImplemented, "ForeignFile", $"Table '{table}' has the file '{file.Path}' outside its own folder.");
        return table.Root.Append(relative);
    }
}
