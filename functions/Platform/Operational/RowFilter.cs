using System.Globalization;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries;

namespace DataPlatform.Operational;

/// <summary>A filter in the language of the rows routes, applied to rows as JSON: comparisons of fields with values, <c>in</c>, <c>and or not</c>,
/// <c>startswith</c>, <c>endswith</c>, <c>contains</c>. Nulls are treated as there: null equals itself only, and every other
/// comparison with it is false.</summary>
internal sealed class RowFilter
{
    private readonly Func<JsonElement, bool?> _test;

    /// <exception cref="TerminalException"><c>UnsupportedExpression</c>, 501.</exception>
    public RowFilter(Expression filter) => _test = Compile(filter);

    public bool Matches(JsonElement row) => _test(row) == true;

    private static Func<JsonElement, bool?> Compile(Expression expression) => expression switch
    {
        LogicalExpression logical => Logical(logical),
        NotExpression not when Compile(not.Operand) is var operand => row => !operand(row),
        ComparisonExpression comparison => Comparison(comparison),
        InExpression choice when Value(choice.Operand) is var operand && choice.Values.Select(Value).ToList() is var values =>
            row => values.Exists(value => Compare(operand(row), value(row), ComparisonOperator.Equal)),
        FunctionExpression { Function: QueryFunction.StartsWith or QueryFunction.EndsWith or QueryFunction.Contains } function => Text(function),
        ColumnExpression { Kind: ValueKind.Boolean } or LiteralExpression { Kind: ValueKind.Boolean or ValueKind.Null } when Value(expression) is var value =>
            row => (bool?)value(row),
        _ => throw Unsupported(),
    };

    private static Func<JsonElement, bool?> Logical(LogicalExpression logical)
    {
        var operands = logical.Operands.Select(Compile).ToList();
        var decides = logical.Operator == LogicalOperator.Or;
        return row =>
        {
            bool? result = !decides;
            foreach (var operand in operands)
            {
                var value = operand(row);
                if (value == decides)
                    return decides;
                if (value is null)
                    result = null;
            }

            return result;
        };
    }

    private static Func<JsonElement, bool?> Comparison(ComparisonExpression comparison)
    {
        var (left, right) = (Value(comparison.Left), Value(comparison.Right));
        return row => Compare(left(row), right(row), comparison.Operator);
    }

    private static Func<JsonElement, bool?> Text(FunctionExpression function)
    {
        var (text, part) = (Value(function.Arguments[0]), Value(function.Arguments[1]));
        return row => text(row) is string whole && part(row) is string piece
            ? function.Function switch
            {
                QueryFunction.StartsWith => whole.StartsWith(piece, StringComparison.Ordinal),
                QueryFunction.EndsWith => whole.EndsWith(piece, StringComparison.Ordinal),
                _ => whole.Contains(piece, StringComparison.Ordinal),
            }
            : null;
    }

    private static Func<JsonElement, object?> Value(Expression expression) => expression switch
    {
        ColumnExpression column => row => row.TryGetProperty(column.Column.Name, out var value) ? Read(value, column.Kind) : null,
        LiteralExpression literal when Plain(literal.Value) is var value => _ => value,
        _ => throw Unsupported(),
    };

    private static object? Plain(object? value) => value switch
    {
        long whole => (decimal)whole,
        float single => (double)single,
        DateTimeOffset instant => instant.UtcDateTime,
        DateOnly day => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
        byte[] bytes => Convert.ToBase64String(bytes),
        _ => value,
    };

    private static object? Read(JsonElement value, ValueKind kind)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        return kind switch
        {
            ValueKind.Boolean => value.GetBoolean(),
            ValueKind.Double => value.GetDouble(),
            ValueKind.Integer or ValueKind.Decimal => value.TryGetDecimal(out var number) ? number : value.GetDouble(),
            ValueKind.Date or ValueKind.Timestamp => DateTime.Parse(value.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal),
            _ => value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText(),
        };
    }

    private static bool Compare(object? left, object? right, ComparisonOperator comparison)
    {
        if (left is null || right is null)
        {
            return comparison switch
            {
                ComparisonOperator.Equal => left is null && right is null,
                ComparisonOperator.NotEqual => left is not null || right is not null,
                _ => false,
            };
        }

        var order = (left, right) switch
        {
            (decimal a, decimal b) => a.CompareTo(b),
            (decimal or double, decimal or double) => Convert.ToDouble(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(right, CultureInfo.InvariantCulture)),
            (DateTime a, DateTime b) => a.CompareTo(b),
            (bool a, bool b) => a.CompareTo(b),
            (string a, string b) => System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b)),
            _ => throw Unsupported(),
        };
        return comparison switch
        {
            ComparisonOperator.Equal => order == 0,
            ComparisonOperator.NotEqual => order != 0,
            ComparisonOperator.GreaterThan => order > 0,
            ComparisonOperator.GreaterThanOrEqual => order >= 0,
            ComparisonOperator.LessThan => order < 0,
            _ => order <= 0,
        };
    }

    private static TerminalException Unsupported() => new(
        FailureKind.NotImplemented, "UnsupportedExpression",
        "The option filter uses what the operational store does not offer. Offered are fields and values with eq ne gt ge lt le in and or not, and the functions "
            + "startswith endswith contains. The dataset's rows route has more.",
        "filter");
}
