namespace DataPlatform.Serving.Queries;

/// <summary>A value from the query; it reaches SQL only as a bound parameter.</summary>
/// <param name="Value">By kind: null, bool, long, decimal, double (float beside a float column), string, DateOnly, DateTimeOffset (UTC), byte[].</param>
public sealed record LiteralExpression(object? Value, ValueKind LiteralKind) : Expression
{
    public static readonly LiteralExpression Null = new(null, ValueKind.Null);

    public override ValueKind Kind => LiteralKind;

    public override bool Nullable => Value is null;
}
