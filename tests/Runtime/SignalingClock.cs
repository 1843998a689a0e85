using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.Runtime.Tests;

/// <summary>A clock that tests move, and that tells when somebody waits on it: moving it earlier would be missed.</summary>
internal sealed class SignalingClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly ConcurrentDictionary<TimeSpan, SemaphoreSlim> _waits = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Waits(dueTime).Release();
        return timer;
    }

    /// <summary>Completes when something has begun to wait for exactly this long; each wait counts once.</summary>
    public Task WaitedForAsync(TimeSpan time) => Waits(time).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private SemaphoreSlim Waits(TimeSpan time) => _waits.GetOrAdd(time, _ => new SemaphoreSlim(0));
}
