namespace DataPlatform.Tables;

/// <summary>The values of a partitioned table's partition columns, which its files need not hold.</summary>
public static class PartitionValues
{
    /// <summary>What stands for NULL in the names of partition folders.</summary>
    public const string NullFolder = "__HIVE_DEFAULT_PARTITION__";

    /// <summary>A file's value of a partition column as text; null for NULL. From the log; logs of some old writers leave it to the name of
    /// the file's folder.</summary>
    public static string? Of(DataFile file, string column)
    {
        var value = file.PartitionValues.TryGetValue(column, out var told) ? told : OfFolder(file.Path, column);
        return value is null or "" or NullFolder ? null : value;
    }

    private static string? OfFolder(string logPath, string column)
    {
        var start = column + "=";
        foreach (var folder in DataFiles.Decode(logPath).Split('/').SkipLast(1))
        {
            if (folder.StartsWith(start, StringComparison.Ordinal))
                return Uri.UnescapeDataString(folder[start.Length..]);
        }

        return null;
    }
}
