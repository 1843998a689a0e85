namespace DataPlatform.Serving.Queries;

/// <summary>
/// A comparison with OData 4.0's treatment of null (URL conventions 5.1.1.1): null equals itself only, and every other comparison
/// with null is false. So the result is never null.
/// </summary>
public sealed record ComparisonExpression(ComparisonOperator Operator, Expression Left, Expression Right) : Expression
{
    public override ValueKind Kind => ValueKind.Boolean;

    public override bool Nullable => false;
}
