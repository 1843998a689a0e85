namespace DataPlatform.Operations;

/// <summary>Waits a while for runs to end, for callers who would rather have one answer than poll. Who waits for one that ends in this process hears of it
/// at once; the ends of others are looked for.</summary>
public sealed class RunWaiter(RunStore runs, TimeProvider clock)
{
    /// <summary>The most a request may wait.</summary>
    public const int MaxSeconds = LongPoll.MaxSeconds;

    /// <returns>The run as it is when it has ended or the time is up.</returns>
    public Task<Run> WaitAsync(string id, TimeSpan atMost, CancellationToken cancellationToken) =>
        LongPoll.WaitAsync(() => runs.GetAsync(id, cancellationToken), run => run.HasEnded, atMost, clock, cancellationToken, () => runs.NextEnd);
}
