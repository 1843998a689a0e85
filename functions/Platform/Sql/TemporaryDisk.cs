using DataPlatform.Failures;

namespace DataPlatform.Sql;

/// <summary>What a session may put on the local disk, and what it has. Not for use by several threads.</summary>
/// <param name="limit">Bytes.</param>
public sealed class TemporaryDisk(long limit)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private long _used;

    /// <summary>Counts what is about to be put there.</summary>
    /// <exception cref="TerminalException"><c>TemporaryDiskExceeded</c>.</exception>
    public void Take(long bytes)
    {
        _used += bytes;
        if (_used > limit)
            throw Exceeded();
    }

    /// <summary>Runs what fills a folder, and stops it when the folder outgrows what is left.</summary>
    /// <exception cref="TerminalException"><c>TemporaryDiskExceeded</c>.</exception>
    public async Task<T> WatchAsync<T>(string folder, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = work(stop.Token);
        while (await Task.WhenAny(running, Task.Delay(Look, CancellationToken.None)) != running)
        {
            if (SizeOf(folder) > limit - _used)
                await stop.CancelAsync();
        }

        try
        {
            var result = await running;
            Take(SizeOf(folder));
            return result;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Exceeded();
        }
    }

    internal static TerminalException Exceeded(Exception? inner = null) => new(
        FailureKind.Unprocessable,
        "TemporaryDiskExceeded",
        "The work needs more local disk than an activity may use (DataPlatform:ActivityTemporaryBytes): spread the step with 'parallel' ('files', or 'keys' "
        + "with more 'partitions'), read less in it, or raise the limit where the instances have that much disk.",
        innerException: inner);

    private static long SizeOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            // Files come and go while it is looked at; the next look counts them.
            return 0;
        }
    }
}
