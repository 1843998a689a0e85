using System.Globalization;
using DataPlatform.Serving.Queries;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Dashboards;

/// <summary>The times that a tile shows: from <paramref name="From"/> until before <paramref name="To"/>; null has no limit there.</summary>
/// <param name="Column">Of dates or timestamps.</param>
public sealed record TimeRange(TableColumn Column, DateTimeOffset? From, DateTimeOffset? To)
{
    private bool IsDate => Column.Type == "date";

    /// <summary>The same length of time before; null when this one has an open end.</summary>
    public TimeRange? Before => From is { } from && To is { } to && from.UtcTicks > to.UtcTicks - from.UtcTicks
        ? new TimeRange(Column, from - (to - from), from)
        : null;

    public IEnumerable<Expression> Conditions()
    {
        if (From is { } from)
            yield return new ComparisonExpression(ComparisonOperator.GreaterThanOrEqual, new ColumnExpression(Column), Literal(from));
        if (To is { } to)
            yield return new ComparisonExpression(ComparisonOperator.LessThan, new ColumnExpression(Column), Literal(to));
    }

    /// <summary>One of the ends as the column has it.</summary>
    public string? Text(DateTimeOffset? end) =>
        end is null ? null
        : IsDate ? ((DateOnly)Literal(end.Value).Value!).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : end.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Of days, the first that begins at the moment or after it.</summary>
    private LiteralExpression Literal(DateTimeOffset end)
    {
        if (!IsDate)
            return new LiteralExpression(end.ToUniversalTime(), ValueKind.Timestamp);
        var day = DateOnly.FromDateTime(end.UtcDateTime);
        return new LiteralExpression(end.UtcDateTime.TimeOfDay > TimeSpan.Zero && day < DateOnly.MaxValue ? day.AddDays(1) : day, ValueKind.Date);
    }
}
