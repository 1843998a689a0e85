namespace DataPlatform.Serving.Queries;

/// <summary>The unary minus.</summary>
public sealed record NegateExpression(Expression Operand) : Expression
{
    public override ValueKind Kind => Operand.Kind;

    public override bool Nullable => Operand.Nullable;
}
