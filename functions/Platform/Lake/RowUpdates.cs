using DataPlatform.Failures;

namespace DataPlatform.Lake;

/// <summary>Changes of rows that others may change at the same time.</summary>
public static class RowUpdates
{
    private const int MaxAttempts = 50;

    /// <summary>Changes a row by its ETag, again and again when others are faster.</summary>
    /// <param name="change">Gives the value as it shall be, or the same instance to leave it. Called once an attempt, so it does nothing else.</param>
    /// <returns>The value as it is stored now; null when there is no such row.</returns>
    /// <exception cref="TransientException">Too many change the row at once.</exception>
    public static async Task<T?> TryUpdateAsync<T>(
        this IRowStore rows, string table, RowKey key, Func<T, T> change, CancellationToken cancellationToken)
        where T : class
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await rows.GetAsync<T>(table, key, cancellationToken) is not { } row)
                return null;
            var changed = change(row.Value);
            if (ReferenceEquals(changed, row.Value) || await rows.TryReplaceAsync(table, key, changed, row.ETag, cancellationToken) is not null)
                return changed;
            if (attempt == MaxAttempts)
                throw new TransientException($"The row '{key.Partition}' / '{key.Id}' of table '{table}' is changed by too many at once.");
            await Task.Delay(Random.Shared.Next(5, 50), cancellationToken);
        }
    }
}
