using Cronos;
using DataPlatform.Catalog;

namespace DataPlatform.Triggers;

/// <summary>
/// When schedules are due, in UTC. A local time that a change of clocks skips is due right after the gap. One that comes twice is due at its
/// first, but intervals (<c>*</c>, <c>*/n</c>, ranges of hours) go on through the second hour as time does.
/// </summary>
internal static class DueTimes
{
    /// <summary>The most runs that <see cref="CatchUp.All"/> makes up for at once, the newest.</summary>
    public const int MaxCaughtUp = 50;

    /// <summary>A run that starts so late is on time: <see cref="CatchUp.None"/> leaves out what is later.</summary>
    public static readonly TimeSpan OnTime = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestLookBack = TimeSpan.FromDays(366);

    /// <summary>The due times in (after, upTo] that are to be run, oldest first.</summary>
    public static IReadOnlyList<DateTimeOffset> Between(TriggerDefinition trigger, DateTimeOffset after, DateTimeOffset upTo)
    {
        if (trigger.Schedule is null || !trigger.Enabled || after >= upTo)
            return [];

        var from = after > upTo - LongestLookBack ? after : upTo - LongestLookBack;
        var due = CronOf(trigger)
            .GetOccurrences(from.UtcDateTime, upTo.UtcDateTime, ZoneOf(trigger), fromInclusive: false, toInclusive: true)
            .Select(time => new DateTimeOffset(time));
        return trigger.CatchUp switch
        {
            CatchUp.Latest => [.. due.TakeLast(1)],
            CatchUp.All => [.. due.TakeLast(MaxCaughtUp)],
            _ => [.. due.Where(time => upTo - time <= OnTime)],
        };
    }

    /// <summary>The first due time after; null when there is none within the reach of cron.</summary>
    public static DateTimeOffset? Next(TriggerDefinition trigger, DateTimeOffset after) =>
        trigger is { Schedule: not null, Enabled: true }
        && CronOf(trigger).GetNextOccurrence(after.UtcDateTime, ZoneOf(trigger)) is { } time
            ? new DateTimeOffset(time)
            : null;

    /// <summary>The next due times of all schedules together.</summary>
    public static IReadOnlyList<DateTimeOffset> Next(IReadOnlyList<TriggerDefinition> triggers, DateTimeOffset after, int count)
    {
        List<DateTimeOffset> times = [];
        while (times.Count < count && triggers.Select(trigger => Next(trigger, after)).Min() is { } next)
            times.Add(after = next);
        return times;
    }

    private static CronExpression CronOf(TriggerDefinition trigger) => CronExpression.Parse(trigger.Schedule!, CronFormat.Standard);

    private static TimeZoneInfo ZoneOf(TriggerDefinition trigger) =>
        trigger.TimeZone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(trigger.TimeZone);
}
