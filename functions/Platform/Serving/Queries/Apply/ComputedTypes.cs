using System.Globalization;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>The types of computed columns, by Delta's names. They follow from the query and the columns alone, never from the data.</summary>
internal static class ComputedTypes
{
    private const int MaxDigits = 38;

    /// <returns>Null when the expression has none, as the literal null.</returns>
    public static string? Of(Expression expression) => expression switch
    {
        ColumnExpression column => column.Column.Type,
        _ => expression.Kind switch
        {
            ValueKind.Boolean => "boolean",
            ValueKind.Integer => "long",
            ValueKind.Decimal => Decimal(Scale(expression)),
            ValueKind.Double => "double",
            ValueKind.String => "string",
            ValueKind.Date => "date",
            ValueKind.Timestamp => "timestamp",
            ValueKind.Binary => "binary",
            _ => null,
        },
    };

    /// <summary>Sums of whole numbers outgrow 64 bits.</summary>
    public static string OfSum(Expression operand) => operand.Kind switch
    {
        ValueKind.Integer => Decimal(0),
        ValueKind.Decimal => Decimal(Scale(operand)),
        _ => "double",
    };

    private static string Decimal(int scale) => string.Create(CultureInfo.InvariantCulture, $"decimal({MaxDigits},{Math.Min(scale, MaxDigits)})");

    private static int Scale(Expression expression) => expression switch
    {
        ColumnExpression { Kind: ValueKind.Decimal } column => ValueKinds.DecimalFacets(column.Column).Scale,
        LiteralExpression { Value: decimal value } => value.Scale,
        NegateExpression negate => Scale(negate.Operand),
        ArithmeticExpression { Operator: ArithmeticOperator.Multiply } product => Scale(product.Left) + Scale(product.Right),
        ArithmeticExpression arithmetic => Math.Max(Scale(arithmetic.Left), Scale(arithmetic.Right)),
        _ => 0, // Whole numbers, and what round, floor and ceiling give.
    };
}
