using Cronos;
using DataPlatform.Catalog;
using DataPlatform.Triggers;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Triggers;

/// <summary>When schedules are due, over changes of clocks.</summary>
public sealed class DueTimesTests
{
    private static readonly string[] Zones =
        ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"];

    private static readonly string[] Schedules =
        ["* * * * *", "*/15 * * * *", "30 2 * * *", "0 * * * *", "15 1-3 * * *", "0 0 1 * *", "45 1 * * 0", "0 6 L * *", "59 23 * * 1-5"];

    [Theory]

    // A skipped hour: right after the gap, once.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-30T12:00Z", "2026-03-29T01:00Z 2026-03-30T00:30Z")]
    [InlineData("30 2 * * *", "America/New_York", "2026-03-08T00:00Z", "2026-03-09T12:00Z", "2026-03-08T07:00Z 2026-03-09T06:30Z")]
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", "2026-10-04T20:00Z", "2026-10-03T15:30Z 2026-10-04T15:15Z")]
    [InlineData("*/20 2 * * *", "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-29T03:00Z", "2026-03-29T01:00Z")]

    // An hour that comes twice: a fixed time at its first, intervals all the time.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-26T12:00Z", "2026-10-25T00:30Z 2026-10-26T01:30Z")]
    [InlineData("30 1 * * *", "America/New_York", "2026-10-31T12:00Z", "2026-11-02T12:00Z", "2026-11-01T05:30Z 2026-11-02T06:30Z")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00Z", "2026-04-05T20:00Z", "2026-04-04T14:45Z 2026-04-05T15:15Z")]
    [InlineData("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:00Z", "2026-10-25T02:00Z", "2026-10-25T00:30Z 2026-10-25T01:00Z 2026-10-25T01:30Z 2026-10-25T02:00Z")]

    // Odd offsets, and none.
    [InlineData("0 9 * * *", "Asia/Kathmandu", "2026-01-01T00:00Z", "2026-01-02T04:00Z", "2026-01-01T03:15Z 2026-01-02T03:15Z")]
    [InlineData("0 9 * * 1", null, "2026-01-01T00:00Z", "2026-01-12T09:00Z", "2026-01-05T09:00Z 2026-01-12T09:00Z")]
    public void A_schedule_is_due_by_its_zone(string schedule, string? zone, string after, string upTo, string expected) =>
        Assert.Equal(
            expected,
            string.Join(' ', DueTimes.Between(Trigger(schedule, zone), At(after), At(upTo)).Select(time => time.ToString("yyyy-MM-dd'T'HH:mm'Z'"))));

    [Fact]
    public void Looks_at_any_moments_find_each_occurrence_once()
    {
        var cases =
            from schedule in Gen.Elements(Schedules)
            from zone in Gen.Elements(Zones)
            from start in Gen.Choose(0, 500_000)
            from looks in Gen.ArrayOf(Gen.Choose(1, 4_000))
            select (schedule, zone, start, looks);

        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var from = new DateTimeOffset(2026, 1, 1, 0, 0, 7, TimeSpan.Zero).AddMinutes(one.start);
            var trigger = Trigger(one.schedule, one.zone);
            List<DateTimeOffset> found = [];
            var last = from;
            foreach (var seconds in one.looks)
            {
                // At most 50 at a time: a look every 40 minutes.
                var next = last.AddSeconds(Math.Min(seconds, 2_400));
                found.AddRange(DueTimes.Between(trigger, last, next));
                last = next;
            }

            Assert.Equal(
                CronExpression.Parse(one.schedule)
                    .GetOccurrences(from.UtcDateTime, last.UtcDateTime, TimeZoneInfo.FindSystemTimeZoneById(one.zone), fromInclusive: false, toInclusive: true)
                    .Select(time => new DateTimeOffset(time)),
                found);
            Assert.Equal(found.Distinct(), found);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(CatchUp.Latest, "12:00")]
    [InlineData(CatchUp.All, "10:15 10:30 10:45 11:00 11:15 11:30 11:45 12:00")]
    [InlineData(CatchUp.None, "12:00")]
    public void What_was_missed_is_made_up_for_by_the_policy(CatchUp policy, string expected) =>
        Assert.Equal(
            expected,
            string.Join(' ', DueTimes.Between(Trigger("*/15 * * * *", null) with { CatchUp = policy }, At("2026-01-01T10:00Z"), At("2026-01-01T12:00:30Z"))
                .Select(time => time.ToString("HH:mm"))));

    [Fact]
    public void Late_due_times_are_left_out_and_no_more_than_fifty_are_made_up_for()
    {
        Assert.Empty(DueTimes.Between(Trigger("0 * * * *", null) with { CatchUp = CatchUp.None }, At("2026-01-01T10:30Z"), At("2026-01-01T11:01:01Z")));
        var all = DueTimes.Between(Trigger("* * * * *", null) with { CatchUp = CatchUp.All }, At("2020-01-01T00:00Z"), At("2026-01-01T00:00Z"));
        Assert.Equal((50, At("2026-01-01T00:00Z")), (all.Count, all[^1]));
    }

    [Fact]
    public void The_next_due_times_of_several_schedules_are_one_list() =>
        Assert.Equal(
            ["2026-01-01T05:00", "2026-01-01T06:00", "2026-01-02T05:00", "2026-01-02T06:00"],
            DueTimes.Next([Trigger("0 6 * * *", "Europe/Berlin"), Trigger("0 6 * * *", null), new TriggerDefinition { OnChange = ["x"] }], At("2026-01-01T00:00Z"), 4)
                .Select(time => time.ToString("yyyy-MM-dd'T'HH:mm")));

    private static TriggerDefinition Trigger(string schedule, string? zone) =>
        new() { Schedule = schedule, TimeZone = zone, CatchUp = CatchUp.All };

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
