using System.Globalization;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Dashboards;

/// <summary>The rows of a mart that a choice is about, as a filter that every query over it gets.</summary>
internal static class ChosenRows
{
    /// <returns>Null for all rows.</returns>
    /// <exception cref="TerminalException"><c>InvalidQueryOption</c>; 403 <c>LinkForbidsTile</c>: the mart lacks what a link is held to.</exception>
    public static RowFilter? Of(PinnedTable mart, DashboardChoice choice, TimeRange? range)
    {
        List<Expression> conditions = [.. range?.Conditions() ?? []];
        List<string> texts = range is null ? [] : [$"{range.Column.Name} [{range.Text(range.From)}, {range.Text(range.To)})"];
        foreach (var (dimension, values) in choice.Held)
        {
            var column = Find(mart, dimension)
                ?? throw new TerminalException(FailureKind.Forbidden, "LinkForbidsTile", $"The link is held to values of '{dimension}', which the mart '{mart.Table.Name.Name}' has not: this tile cannot be shown by it.", dimension);
            Add(column, values);
        }

        foreach (var (dimension, values) in choice.Filters)
        {
            if (Find(mart, dimension) is { } column)
                Add(column, values);
        }

        return conditions.Count == 0 ? null
            : new RowFilter(conditions is [var only] ? only : new LogicalExpression(LogicalOperator.And, conditions), string.Join('\n', texts));

        void Add(TableColumn column, IReadOnlyList<string> values)
        {
            conditions.Add(new InExpression(new ColumnExpression(column), [.. values.SelectMany(value => Literals(column, value))]));
            texts.Add($"{column.Name} in {JsonSerializer.Serialize(values, PlatformJson.Options)}");
        }
    }

    private static TableColumn? Find(PinnedTable mart, string dimension) =>
        mart.Table.Key.Contains(dimension) ? mart.Columns.FirstOrDefault(column => column.Name == dimension) : null;

    private static IEnumerable<LiteralExpression> Literals(TableColumn column, string text)
    {
        var (kind, culture) = (ValueKinds.Of(column), CultureInfo.InvariantCulture);
        if (text.Length == 0)
            return kind is ValueKind.String ? [LiteralExpression.Null, new LiteralExpression("", kind)] : [LiteralExpression.Null];
        object? value = kind switch
        {
            ValueKind.String => text,
            ValueKind.Boolean => bool.TryParse(text, out var flag) ? flag : null,
            ValueKind.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var whole) ? whole : null,
            ValueKind.Decimal => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, culture, out var exact) ? exact : null,
            ValueKind.Double => double.TryParse(text, NumberStyles.Float, culture, out var number) ? column.Type == "float" ? (float)number : number : null,
            ValueKind.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", culture, DateTimeStyles.None, out var day) ? day : null,
            ValueKind.Timestamp => DateTimeOffset.TryParse(text, culture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null,
            _ => null,
        };
        return value is null
            ? throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", $"'{ObjectReader.Shorten(text)}' is no value of '{column.Name}' ({column.Type}).", $"filter.{column.Name}")
            : [new LiteralExpression(value, kind)];
    }
}
