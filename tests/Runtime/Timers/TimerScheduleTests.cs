using DataPlatform.Local.Runtime.Timers;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Tests.Timers;

public sealed class TimerScheduleTests
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("0 */5 * * * *", "2026-03-01T12:05:00Z")]
    [InlineData("30 0 12 * * *", "2026-03-01T12:00:30Z")]
    [InlineData("0 0 12 * * *", "2026-03-02T12:00:00Z")] // strictly after
    [InlineData("*/10 * * * *", "2026-03-01T12:10:00Z")]
    [InlineData("0 30 9 * * 1-5", "2026-03-02T09:30:00Z")]
    [InlineData("00:00:45", "2026-03-01T12:00:45Z")]
    [InlineData("%Every%", "2026-03-01T12:15:00Z")]
    [InlineData("0 */%Minutes% * * * *", "2026-03-01T12:20:00Z")]
    public void The_next_time_after_noon(string expression, string expected)
    {
        var (schedule, problem) = Parse(expression);
        Assert.Null(problem);
        Assert.Equal(DateTimeOffset.Parse(expected).UtcDateTime, schedule!.Next(Noon));
        Assert.Equal(DateTimeKind.Utc, schedule.Next(Noon)!.Value.Kind);
    }

    [Theory]
    [InlineData("every now and then", "its schedule 'every now and then' is not a six-field NCRONTAB expression")]
    [InlineData("0 61 * * * *", "is not a six-field NCRONTAB expression (61 is higher than the maximum allowable value for the [Minute] field")]
    [InlineData("", "is not a six-field NCRONTAB expression")]
    [InlineData("%Nothing%", "its schedule '%Nothing%' names settings that are not there: Nothing")]
    [InlineData("%Empty%", "its schedule '%Empty%' names settings that are not there: Empty")]
    [InlineData("0 * * * * %Every", "has a '%' without its pair")]
    [InlineData("5", "its schedule '5' means that many days")]
    [InlineData("00:00:00", "its interval '00:00:00' is not above zero")]
    public void A_wrong_expression_says_what_is_wrong(string expression, string expected)
    {
        var (schedule, problem) = Parse(expression);
        Assert.Null(schedule);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_date_that_never_comes_has_no_next_time() => Assert.Null(Parse("0 0 0 30 2 *").Schedule!.Next(Noon));

    [Theory]
    [InlineData("*/30 * * * * *", false)]
    [InlineData("0,10 0 * * * *", true)] // twice in one minute, but not in every minute
    [InlineData("*/10 30 * * * *", true)]
    [InlineData("0 * * * * *", true)]
    [InlineData("* * * * *", true)]
    [InlineData("00:00:59", false)]
    [InlineData("00:01:00", true)]
    public void Schedules_below_a_minute_are_not_monitored(string expression, bool expected) =>
        Assert.Equal(expected, Parse(expression).Schedule!.IsMonitored(Noon.AddSeconds(10)));

    private static (TimerSchedule? Schedule, string? Problem) Parse(string expression) => TimerSchedule.Parse(
        expression,
        new ConfigurationBuilder().AddInMemoryCollection([new("Every", "0 */15 * * * *"), new("Minutes", "20"), new("Empty", "")]).Build());
}
