using DataPlatform.Serving.Dashboards;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Serving.Dashboards;

public sealed class TimeRangeTests
{
    private static readonly TableColumn Day = new("day", "date", Nullable: true);
    private static readonly TableColumn At = new("at", "timestamp", Nullable: true);

    [Fact]
    public void Days_are_those_that_begin_in_the_range()
    {
        var range = new TimeRange(Day, Time("2026-01-01T00:00:00Z"), Time("2026-01-03T10:00:00Z"));

        Assert.Equal(("2026-01-01", "2026-01-04"), (range.Text(range.From), range.Text(range.To)));
        Assert.Equal([new DateOnly(2026, 1, 1), new DateOnly(2026, 1, 4)], range.Conditions().Select(Value));
    }

    [Fact]
    public void Moments_keep_their_time()
    {
        var range = new TimeRange(At, Time("2026-01-01T00:00:00Z"), Time("2026-01-03T10:00:00.5Z"));

        Assert.Equal(("2026-01-01T00:00:00Z", "2026-01-03T10:00:00.5Z"), (range.Text(range.From), range.Text(range.To)));
        Assert.Equal([ComparisonOperator.GreaterThanOrEqual, ComparisonOperator.LessThan], range.Conditions().Select(condition => ((ComparisonExpression)condition).Operator));
    }

    [Fact]
    public void Before_it_is_as_much_time_again()
    {
        var before = new TimeRange(Day, Time("2026-01-08T00:00:00Z"), Time("2026-01-15T00:00:00Z")).Before!;

        Assert.Equal(("2026-01-01", "2026-01-08"), (before.Text(before.From), before.Text(before.To)));
        Assert.Null(new TimeRange(Day, null, Time("2026-01-15T00:00:00Z")).Before);
        Assert.Null(new TimeRange(Day, DateTimeOffset.MinValue.AddDays(1), Time("2026-01-15T00:00:00Z")).Before);
    }

    private static object? Value(Expression condition) => ((LiteralExpression)((ComparisonExpression)condition).Right).Value;

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
