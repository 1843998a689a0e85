using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Hosting;

/// <summary>Ends the process when it takes more memory than the place has, as the platform would end the instance.</summary>
internal sealed class MemoryWatch(Place place, RuntimeOptions options, TimeProvider clock, ILogger<MemoryWatch> logger) : BackgroundService
{
    /// <summary>128 + SIGKILL: what an instance out of memory ends with.</summary>
    private const int Killed = 137;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The memory that the process has now, in bytes.</summary>
    public Func<long> Used { get; init; } = () => Environment.WorkingSet;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Log.HoldsTo(logger, place.InstanceMegabytes, place.AppBytes >> 20);
        if (options.OwnsProcess)
        {
            AppContext.SetData("GCHeapHardLimit", (ulong)place.HeapBytes);
            GC.RefreshMemoryLimit();
        }

        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var used = Used();
            if (used > place.AppBytes)
            {
                Log.OutOfMemory(logger, used >> 20, place.AppBytes >> 20);
                options.Exit?.Invoke(Killed);
                return;
            }
        }
    }
}
