using System.Globalization;
using System.Text;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries;

/// <summary>Writes expressions as DuckDB SQL: names quoted, values as parameters.</summary>
internal sealed class SqlExpressionWriter
{
    private readonly StringBuilder _text = new();
    private readonly List<object> _parameters = [];

    public SqlExpressionWriter Append(string sql)
    {
        _text.Append(sql);
        return this;
    }

    public SqlExpressionWriter Name(string identifier)
    {
        _text.Append('"').Append(identifier.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        return this;
    }

    /// <summary>With its type, since DuckDB gives a bare parameter the type of what it meets: beside an INTEGER, -1.5 would become -2.</summary>
    public SqlExpressionWriter Value(object value)
    {
        _parameters.Add(value);
        _text.Append("CAST($").Append(_parameters.Count).Append(" AS ").Append(TypeOf(value)).Append(')');
        return this;
    }

    public SqlQuery ToSql() => new(_text.ToString(), [.. _parameters]);

    /// <param name="exact">Whether null must be told from false. In a filter both leave the row out, and bare comparisons are what
    /// prunes files and row groups; below <c>not</c> or as a value, OData's comparisons must come out false instead of null.</param>
    public void Write(Expression expression, bool exact)
    {
        switch (expression)
        {
            case ColumnExpression column:
                Name(column.Column.Name);
                break;
            case LiteralExpression { Value: null }:
                Append("NULL");
                break;
            case LiteralExpression literal:
                Value(literal.Value);
                break;
            case ComparisonExpression comparison:
                Write(comparison, exact);
                break;
            case InExpression membership:
                Write(membership, exact);
                break;
            case LogicalExpression logical:
                Join(logical.Operator is LogicalOperator.And ? " AND " : " OR ", logical.Operands, exact);
                break;
            case NotExpression not:
                Append("(NOT ").Write(not.Operand, exact: true);
                Append(")");
                break;
            case NegateExpression negate:
                Append("(-").WriteNumber(negate.Operand);
                Append(")");
                break;
            case ArithmeticExpression arithmetic:
                Write(arithmetic);
                break;
            case FunctionExpression function:
                Write(function);
                break;
            case RowKeyExpression key:
                Write(key);
                break;
            default:
                throw new InvalidOperationException($"No SQL for {expression.GetType().Name}.");
        }
    }

    private static string TypeOf(object value) => value switch
    {
        bool => "BOOLEAN",
        long => "BIGINT",
        decimal number => TypeOf(number),
        double => "DOUBLE",
        float => "FLOAT",
        string => "VARCHAR",
        DateOnly => "DATE",
        DateTimeOffset => "TIMESTAMP WITH TIME ZONE",
        byte[] => "BLOB",
        _ => throw new InvalidOperationException($"No SQL type for {value.GetType().Name}."),
    };

    /// <summary>As narrow as the digits allow, so that the columns beside it need no widening.</summary>
    private static string TypeOf(decimal number)
    {
        var digits = Math.Abs(number).ToString(CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal).TrimStart('0').Length;
        return string.Create(CultureInfo.InvariantCulture, $"DECIMAL({Math.Max(1, Math.Max(digits, number.Scale))},{number.Scale})");
    }

    private void Write(ComparisonExpression comparison, bool exact)
    {
        var (left, right) = (comparison.Left, comparison.Right);
        var equality = comparison.Operator is ComparisonOperator.Equal or ComparisonOperator.NotEqual;
        if (equality && (left.Kind is ValueKind.Null || right.Kind is ValueKind.Null))
        {
            Append("(").Write(left.Kind is ValueKind.Null ? right : left, exact: true);
            Append(comparison.Operator is ComparisonOperator.Equal ? " IS NULL)" : " IS NOT NULL)");
        }
        else if (left.Kind is ValueKind.Null || right.Kind is ValueKind.Null)
        {
            Append("false");
        }
        else if (comparison.Operator is ComparisonOperator.NotEqual)
        {
            Binary(left, left.Nullable || right.Nullable ? " IS DISTINCT FROM " : " <> ", right);
        }
        else if (comparison.Operator is ComparisonOperator.Equal && left.Nullable && right.Nullable)
        {
            Binary(left, " IS NOT DISTINCT FROM ", right);
        }
        else
        {
            var coalesce = exact && (left.Nullable || right.Nullable);
            Append(coalesce ? "coalesce(" : "");
            Binary(left, comparison.Operator switch
            {
                ComparisonOperator.Equal => " = ",
                ComparisonOperator.GreaterThan => " > ",
                ComparisonOperator.GreaterThanOrEqual => " >= ",
                ComparisonOperator.LessThan => " < ",
                _ => " <= ",
            }, right);
            Append(coalesce ? ", false)" : "");
        }
    }

    private void Write(InExpression membership, bool exact)
    {
        var operand = membership.Operand;
        var values = membership.Values.Where(value => value.Value is not null).ToList();
        var orNull = values.Count < membership.Values.Count;
        if (values.Count == 0 && !orNull)
        {
            Append("false");
            return;
        }

        Append(orNull && values.Count > 0 ? "(" : "");
        if (values.Count > 0)
        {
            var coalesce = exact && operand.Nullable;
            Append(coalesce ? "coalesce(" : "").Append("(").Write(operand, exact: true);
            Append(" IN (");
            for (var index = 0; index < values.Count; index++)
                Append(index == 0 ? "" : ", ").Value(values[index].Value!);
            Append("))").Append(coalesce ? ", false)" : "");
        }

        if (orNull)
        {
            Append(values.Count > 0 ? " OR (" : "(").Write(operand, exact: true);
            Append(" IS NULL)").Append(values.Count > 0 ? ")" : "");
        }
    }

    private void Write(ArithmeticExpression arithmetic)
    {
        var whole = arithmetic.Kind is ValueKind.Integer;
        Append("(").WriteNumber(arithmetic.Left);
        Append(arithmetic.Operator switch
        {
            ArithmeticOperator.Add => " + ",
            ArithmeticOperator.Subtract => " - ",
            ArithmeticOperator.Multiply => " * ",
            ArithmeticOperator.Divide => whole ? " // " : " / ",
            _ => " % ",
        });
        WriteNumber(arithmetic.Right);
        Append(")");
    }

    /// <summary>Narrow columns are widened, for their sums would overflow their own type.</summary>
    private void WriteNumber(Expression expression)
    {
        var widen = expression is ColumnExpression { Column.Type: "byte" or "short" or "integer" };
        Append(widen ? "CAST(" : "").Write(expression, exact: true);
        Append(widen ? " AS BIGINT)" : "");
    }

    private void Write(FunctionExpression function)
    {
        var arguments = function.Arguments;
        switch (function.Function)
        {
            case QueryFunction.IndexOf:
                Call("(strpos(", arguments).Append(" - 1)");
                break;
            case QueryFunction.Substring:
                Append("substring(").Write(arguments[0], exact: true);
                Append(", greatest(").Write(arguments[1], exact: true);
                Append(", 0) + 1");
                if (arguments.Count > 2)
                {
                    Append(", greatest(").Write(arguments[2], exact: true);
                    Append(", 0)");
                }

                Append(")");
                break;
            case QueryFunction.Concat:
                Append("(");
                Write(arguments[0], exact: true);
                Append(" || ").Write(arguments[1], exact: true);
                Append(")");
                break;
            case QueryFunction.Date:
                Append("CAST(").WriteArgument(arguments[0]);
                Append(" AS DATE)");
                break;
            default:
                Call(Names[function.Function], arguments);
                break;
        }
    }

    /// <summary>The length of null is null, and nothing stands for it: no text begins like that.</summary>
    private void Write(RowKeyExpression key)
    {
        Append("md5(concat(");
        for (var index = 0; index < key.Columns.Count; index++)
        {
            Append(index == 0 ? "length(" : ", length(").Text(key.Columns[index]);
            Append("), ':', ").Text(key.Columns[index]);
        }

        Append("))");
    }

    private SqlExpressionWriter Text(TableColumn column) => ValueKinds.Of(column) switch
    {
        ValueKind.String => Name(column.Name),
        ValueKind.Binary => Append("hex(").Name(column.Name).Append(")"),
        ValueKind.Timestamp => Append("CAST(epoch_us(").Name(column.Name).Append(") AS VARCHAR)"),
        _ => Append("CAST(").Name(column.Name).Append(" AS VARCHAR)"),
    };

    private static readonly Dictionary<QueryFunction, string> Names = new()
    {
        [QueryFunction.Contains] = "contains(",
        [QueryFunction.StartsWith] = "starts_with(",
        [QueryFunction.EndsWith] = "ends_with(",
        [QueryFunction.Length] = "length(",
        [QueryFunction.ToLower] = "lower(",
        [QueryFunction.ToUpper] = "upper(",
        [QueryFunction.Trim] = "trim(",
        [QueryFunction.Year] = "year(",
        [QueryFunction.Month] = "month(",
        [QueryFunction.Day] = "day(",
        [QueryFunction.Hour] = "hour(",
        [QueryFunction.Minute] = "minute(",
        [QueryFunction.Second] = "second(",
        [QueryFunction.Round] = "round(",
        [QueryFunction.Floor] = "floor(",
        [QueryFunction.Ceiling] = "ceil(",
    };

    private SqlExpressionWriter Call(string opening, IReadOnlyList<Expression> arguments)
    {
        Append(opening);
        for (var index = 0; index < arguments.Count; index++)
            Append(index == 0 ? "" : ", ").WriteArgument(arguments[index]);
        return Append(")");
    }

    private void Binary(Expression left, string sql, Expression right)
    {
        var instants = left.Kind is ValueKind.Timestamp || right.Kind is ValueKind.Timestamp;
        Append("(").WriteOperand(left, instants);
        Append(sql).WriteOperand(right, instants);
        Append(")");
    }

    /// <summary>A day beside an instant is its first instant in UTC.</summary>
    private void WriteOperand(Expression expression, bool instants)
    {
        var convert = instants && expression.Kind is ValueKind.Date;
        Append(convert ? "make_timestamptz(epoch_us(CAST(" : "").Write(expression, exact: true);
        Append(convert ? " AS TIMESTAMP)))" : "");
    }

    /// <summary>Parts of an instant are taken in UTC; by way of TIMESTAMP, since the functions on TIMESTAMP WITH TIME ZONE are slow.</summary>
    private void WriteArgument(Expression expression)
    {
        var instant = expression.Kind is ValueKind.Timestamp;
        Append(instant ? "make_timestamp(epoch_us(" : "").Write(expression, exact: true);
        Append(instant ? "))" : "");
    }

    private void Join(string separator, IReadOnlyList<Expression> operands, bool exact)
    {
        Append("(");
        for (var index = 0; index < operands.Count; index++)
            Append(index == 0 ? "" : separator).Write(operands[index], exact);
        Append(")");
    }
}
