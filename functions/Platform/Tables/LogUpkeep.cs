using DataPlatform.Tables.Checkpointing;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Tables;

/// <summary>
/// Writes checkpoints of a table's log behind the commits of this process, and deletes what is no longer needed behind the checkpoints.
/// No commit waits for it or fails with it: what goes wrong is logged and tried again later.
/// </summary>
internal sealed class LogUpkeep(DeltaLog log, TableHistory history, PlatformOptions options, LogCleanup? cleanup, TimeProvider clock, ILogger logger)
{
    private readonly Lock _gate = new();
    private Task _work = Task.CompletedTask;
    private long _bytes;
    private long _last;
    private long _notBefore;

    /// <summary>Ends with the work under way, if there is any.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
                return _work;
        }
    }

    /// <summary>To be called after each commit of this process.</summary>
    /// <param name="length">Bytes of the commit's file.</param>
    public void Committed(int length)
    {
        lock (_gate)
        {
            _bytes += length;
            var state = history.Known;
            _last = Math.Max(_last, history.StartedFrom);
            if (!_work.IsCompleted || state.Version < _notBefore)
                return;
            if (state.Version - _last >= options.CheckpointCommits || _bytes >= options.CheckpointBytes)
                _work = Task.Run(() => WorkAsync(state));
        }
    }

    private async Task WorkAsync(TableState state)
    {
        try
        {
            // Another process may have written one for commits of its own just now.
            var last = await log.Checkpoints.TryReadLastAsync(CancellationToken.None);
            if (last is null || state.Version - last.Version >= options.CheckpointCommits / 2 || _bytes >= options.CheckpointBytes)
            {
                await log.Checkpoints.WriteAsync(state, clock.GetUtcNow() - state.Metadata!.DeletedFileRetention, CancellationToken.None);
                last = new LastCheckpoint { Version = state.Version };
            }

            lock (_gate)
            {
                _last = last.Version;
                _bytes = 0;
            }

            if (cleanup is not null)
                await cleanup.RunAsync(state, CancellationToken.None);
        }
        catch (Exception failure)
        {
            Log.CheckpointFailed(logger, log.Table.Name, state.Version, failure);
            lock (_gate)
                _notBefore = state.Version + Math.Max(1, options.CheckpointCommits / 10);
        }
    }
}
