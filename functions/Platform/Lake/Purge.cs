namespace DataPlatform.Lake;

/// <summary>Counts or deletes all that lies in one place. Doing it again, or being cut off, does no harm.</summary>
public static class Purge
{
    /// <param name="dryRun">Counts only.</param>
    /// <returns>How many rows.</returns>
    public static async Task<long> RowsAsync(IRowStore rows, string table, string partition, bool dryRun, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var row in rows.QueryAsync(table, partition, null, null, cancellationToken))
            count += dryRun || await rows.TryDeleteAsync(table, row.Key, row.ETag, cancellationToken) ? 1 : 0;
        return count;
    }

    /// <summary>The objects below a path.</summary>
    /// <inheritdoc cref="RowsAsync"/>
    public static async Task<long> ObjectsAsync(IObjectStore objects, LakePath folder, bool dryRun, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var info in objects.ListAsync(folder, null, cancellationToken))
            count += dryRun || await objects.TryDeleteAsync(info.Path, info.ETag, cancellationToken) ? 1 : 0;
        return count;
    }
}
