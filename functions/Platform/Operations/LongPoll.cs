namespace DataPlatform.Operations;

/// <summary>Looks again and again, for callers who would rather have one answer than poll.</summary>
public static class LongPoll
{
    /// <summary>The most a request may wait. Azure cuts requests at 230 seconds.</summary>
    public const int MaxSeconds = 60;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <param name="done">Whether this is what was waited for.</param>
    /// <returns>What was looked at last: done, or the time is up.</returns>
    public static async Task<T> WaitAsync<T>(
        Func<Task<T>> look, Func<T, bool> done, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        for (var pause = FirstPause; ; pause = Min(pause * 1.5, LongestPause))
        {
            var value = await look();
            var left = atMost - clock.GetElapsedTime(began);
            if (done(value) || left <= TimeSpan.Zero)
                return value;
            await Task.Delay(Min(pause, left), clock, cancellationToken);
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
