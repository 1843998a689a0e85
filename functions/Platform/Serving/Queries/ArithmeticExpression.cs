namespace DataPlatform.Serving.Queries;

/// <summary>Arithmetic on numbers; null when an operand is. Whole numbers are computed in 64 bits.</summary>
public sealed record ArithmeticExpression(ArithmeticOperator Operator, Expression Left, Expression Right) : Expression
{
    public override ValueKind Kind =>
        Left.Kind is ValueKind.Double || Right.Kind is ValueKind.Double ? ValueKind.Double
        : Left.Kind is ValueKind.Integer && Right.Kind is ValueKind.Integer ? ValueKind.Integer
        : Operator is ArithmeticOperator.Divide ? ValueKind.Double
        : ValueKind.Decimal;
}
