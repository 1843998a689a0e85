using DataPlatform.Catalog;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Dashboards;

/// <summary>From a choice such as "the last 30 days" to the times it means over one version of a mart.</summary>
public sealed class TimeRanges(TableReads reads, TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <param name="others">The dashboard's other marts, by name: all of its tiles show the same time, though one mart may be newer than another.</param>
    /// <returns>Null when the mart has no such dimension: it shows all times.</returns>
    public async Task<TimeRange?> ResolveAsync(
        DashboardTime? definition, DashboardChoice choice, PinnedTable mart, Func<Task<IReadOnlyList<PinnedTable>>> others, CancellationToken cancellationToken)
    {
        if (definition is null || mart.Columns.FirstOrDefault(column => column.Name == definition.Dimension) is not { Type: "date" or "timestamp" } column)
            return null;
        if (choice.From is not null || choice.To is not null)
            return new TimeRange(column, choice.From, choice.To);
        if (!Iso8601Duration.TryParse(choice.Last ?? definition.Default, out var length))
            return new TimeRange(column, null, null);

        var end = definition switch
        {
            { LastDay: { } day } => Moment(day).AddDays(1),
            { Until: TimeEnd.Now } => Now(column),
            _ => await NewestAsync([mart, .. await others()], definition.Dimension, cancellationToken),
        };
        return end is null || end.Value.UtcTicks <= length.Ticks ? new TimeRange(column, null, null) : new TimeRange(column, end - length, end);
    }

    /// <summary>Until now, the day or minute under way with it: asked again soon, it is the same question.</summary>
    private DateTimeOffset Now(TableColumn column)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return column.Type == "date"
            ? new DateTimeOffset(now.Date.AddDays(1), TimeSpan.Zero)
            : new DateTimeOffset(now.Ticks - (now.Ticks % Minute.Ticks) + Minute.Ticks, TimeSpan.Zero);
    }

    private async Task<DateTimeOffset?> NewestAsync(IReadOnlyList<PinnedTable> marts, string dimension, CancellationToken cancellationToken)
    {
        DateTimeOffset? newest = null;
        foreach (var mart in marts)
        {
            if (mart.Columns.FirstOrDefault(column => column.Name == dimension) is { Type: "date" or "timestamp" } column
                && await NewestAsync(mart, column, cancellationToken) is { } end && !(newest >= end))
                newest = end;
        }

        return newest;
    }

    /// <summary>Behind the newest value, by the statistics of the files; one that has none is read.</summary>
    private async Task<DateTimeOffset?> NewestAsync(PinnedTable mart, TableColumn column, CancellationToken cancellationToken)
    {
        var bounds = mart.Snapshot.Files.Select(file => ColumnBounds.Of(file, column)).Where(bound => !bound.IsNull).ToList();
        var newest = bounds.TrueForAll(bound => bound.Greatest is not null)
            ? bounds.Select(bound => Moment(bound.Greatest!)).DefaultIfEmpty().Max()
            : await ReadNewestAsync(mart, column, cancellationToken);
        return newest == default ? null : column.Type == "date" ? newest.AddDays(1) : newest.AddMicroseconds(1);
    }

    private async Task<DateTimeOffset> ReadNewestAsync(PinnedTable mart, TableColumn column, CancellationToken cancellationToken)
    {
        var query = new TableQuery { Select = [column], OrderBy = [new OrderTerm(new ColumnExpression(column), Descending: true)], Top = 1 };
        await using var rows = await reads.OpenAsync(mart, query, ReadOptions.All, cancellationToken);
        return !rows.Read() || rows.Reader.IsDBNull(0) ? default
            : column.Type == "date" ? Moment(rows.Reader.GetFieldValue<DateOnly>(0))
            : DateTimeOffset.UnixEpoch.AddMicroseconds(rows.Reader.GetInt64(0));
    }

    private static DateTimeOffset Moment(object value) =>
        value is DateOnly day ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : (DateTimeOffset)value;
}
