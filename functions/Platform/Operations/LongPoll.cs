namespace DataPlatform.Operations;

/// <summary>Looks again and again, for callers who would rather have one answer than poll.</summary>
public static class LongPoll
{
    /// <summary>The most a request may wait. Azure cuts requests at 230 seconds.</summary>
    public const int MaxSeconds = 60;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <param name="done">Whether this is what was waited for.</param>
    /// <param name="sooner">Gives a task that ends when it is worth while to look before the pause is over; null always waits for its end.</param>
    /// <returns>What was looked at last: done, or the time is up.</returns>
    public static async Task<T> WaitAsync<T>(
        Func<Task<T>> look, Func<T, bool> done, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken, Func<Task>? sooner = null)
    {
        var began = clock.GetTimestamp();
        for (var pause = FirstPause; ; pause = Min(pause * 1.5, LongestPause))
        {
            var changed = sooner?.Invoke(); // asked for before the look: what happens in between is not missed
            var value = await look();
            var left = atMost - clock.GetElapsedTime(began);
            if (done(value) || left <= TimeSpan.Zero)
                return value;
            var delay = Task.Delay(Min(pause, left), clock, cancellationToken);
            await await (changed is null ? Task.FromResult(delay) : Task.WhenAny(delay, changed));
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
