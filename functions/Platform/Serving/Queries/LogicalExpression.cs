namespace DataPlatform.Serving.Queries;

/// <summary>Two or more operands under one operator, in three-valued logic. Chains are flat, so that a long one is not a deep tree.</summary>
public sealed record LogicalExpression(LogicalOperator Operator, IReadOnlyList<Expression> Operands) : Expression
{
    public override ValueKind Kind => ValueKind.Boolean;

    public override bool Nullable => Operands.Any(operand => operand.Nullable);
}
