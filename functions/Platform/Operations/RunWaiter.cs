namespace DataPlatform.Operations;

/// <summary>Waits a while for runs to end, for callers who would rather have one answer than poll.</summary>
public sealed class RunWaiter(RunStore runs, TimeProvider clock)
{
    /// <summary>The most a request may wait. Azure cuts requests at 230 seconds.</summary>
    public const int MaxSeconds = 60;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <returns>The run as it is when it has ended or the time is up.</returns>
    public async Task<Run> WaitAsync(string id, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        for (var pause = FirstPause; ; pause = Min(pause * 1.5, LongestPause))
        {
            var run = await runs.GetAsync(id, cancellationToken);
            var left = atMost - clock.GetElapsedTime(began);
            if (run.HasEnded || left <= TimeSpan.Zero)
                return run;
            await Task.Delay(Min(pause, left), clock, cancellationToken);
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
