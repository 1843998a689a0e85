namespace DataPlatform.Serving.Queries;

/// <summary>Negation; of null it is null.</summary>
public sealed record NotExpression(Expression Operand) : Expression
{
    public override ValueKind Kind => ValueKind.Boolean;

    public override bool Nullable => Operand.Nullable;
}
