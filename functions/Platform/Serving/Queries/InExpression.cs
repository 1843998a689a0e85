namespace DataPlatform.Serving.Queries;

/// <summary>Whether the operand equals one of the values, null equal to null.</summary>
public sealed record InExpression(Expression Operand, IReadOnlyList<LiteralExpression> Values) : Expression
{
    public override ValueKind Kind => ValueKind.Boolean;

    public override bool Nullable => false;
}
