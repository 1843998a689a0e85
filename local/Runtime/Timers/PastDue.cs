using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Timers;

/// <summary>Decides at start whether a monitored timer missed its time.</summary>
internal static class PastDue
{
    /// <returns>The status to go on with, and whether its <see cref="ScheduleStatus.Next"/> has passed.</returns>
    /// <remarks>A schedule that changed since is taken anew: what the old one would have run is not missed.</remarks>
    public static (ScheduleStatus Status, bool IsPastDue) Check(ScheduleStatus? kept, TimerSchedule schedule, DateTime now)
    {
        if (kept is null)
        {
            return (new ScheduleStatus { Next = NextOf(schedule, now), LastUpdated = now }, false);
        }

        var computedFrom = kept.Last != default ? kept.Last : kept.LastUpdated != default ? kept.LastUpdated : now;
        var expected = NextOf(schedule, computedFrom);
        if (expected == kept.Next)
        {
            return (kept, now > kept.Next);
        }

        var fresh = now > expected ? NextOf(schedule, now) : expected;
        return (new ScheduleStatus { Next = fresh, LastUpdated = now > expected ? now : computedFrom }, false);
    }

    private static DateTime NextOf(TimerSchedule schedule, DateTime after) => schedule.Next(after) ?? DateTime.MaxValue;
}
