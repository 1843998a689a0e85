using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables.Checkpointing;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Tables;

/// <summary>
/// Deletes the commits and checkpoints of versions that are older than the retention and that nobody holds. What is kept begins with a
/// checkpoint, so every version kept can be read. Older checkpoints go first and then the commits, oldest first: whoever reads meanwhile
/// sees that the beginning is gone, and never an end that is none.
/// </summary>
internal sealed class LogCleanup(DeltaTable table, DeltaLog log, TableHistory history, IObjectStore store, TableHolds holds, PlatformOptions options, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private long? _ranAt;

    /// <summary>To be called behind a checkpoint; looks once an hour.</summary>
    /// <returns>How many files were deleted.</returns>
    public async Task<int> RunAsync(TableState state, CancellationToken cancellationToken)
    {
        if (_ranAt is { } last && clock.GetElapsedTime(last) < Every)
            return 0;
        _ranAt = clock.GetTimestamp();
        if (!state.Metadata!.CleansLog || await OldestNeededAsync(state, cancellationToken) is not { } needed)
            return 0;

        var files = await log.Checkpoints.ListAsync(-1, needed, cancellationToken).ToListAsync(cancellationToken);
        if (Checkpoints.Complete(files) is not [.., var first] || files.TrueForAll(file => file.Version >= first.Version))
            return 0;

        // What is about to carry all that is kept must be sound.
        if (await log.Checkpoints.TryLoadAsync(first.Version, first.Parts, cancellationToken) is null)
            return 0;

        var old = files.Where(file => file.Version < first.Version).OrderBy(file => file.Kind == LogFileKind.Commit).ThenBy(file => file.Version).ToList();
        foreach (var file in old)
        {
            await store.TryDeleteAsync(file.Object.Path, null, cancellationToken);
            FaultPoint.Pass("log-cleanup");
        }

        Log.LogCleaned(logger, log.Table.Name, old.Count, first.Version);
        return old.Count;
    }

    /// <returns>Null when no version is older than the retention.</returns>
    private async Task<long?> OldestNeededAsync(TableState state, CancellationToken cancellationToken)
    {
        long needed;
        try
        {
            needed = await history.VersionAtAsync(clock.GetUtcNow() - Retention(state), cancellationToken);
        }
        catch (TerminalException younger) when (younger.Kind is FailureKind.NotFound or FailureKind.Gone)
        {
            return null;
        }

        return await holds.OldestHeldAsync(table, cancellationToken) is { } hold ? Math.Min(needed, hold.Version) : needed;
    }

    // An hour at the least, whatever a table says: TableHistory relies on it.
    private TimeSpan Retention(TableState state) =>
        state.Metadata!.LogRetention is { } own ? TimeSpan.FromTicks(Math.Max(own.Ticks, TimeSpan.TicksPerHour)) : options.LogRetention;
}
