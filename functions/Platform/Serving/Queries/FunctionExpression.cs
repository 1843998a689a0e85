namespace DataPlatform.Serving.Queries;

/// <summary>A function's value; null when an argument is.</summary>
public sealed record FunctionExpression(QueryFunction Function, IReadOnlyList<Expression> Arguments) : Expression
{
    public override ValueKind Kind => Function switch
    {
        QueryFunction.Contains or QueryFunction.StartsWith or QueryFunction.EndsWith => ValueKind.Boolean,
        QueryFunction.Substring or QueryFunction.ToLower or QueryFunction.ToUpper or QueryFunction.Trim or QueryFunction.Concat
            => ValueKind.String,
        QueryFunction.Date => ValueKind.Date,
        QueryFunction.Round or QueryFunction.Floor or QueryFunction.Ceiling => Arguments[0].Kind,
        _ => ValueKind.Integer,
    };

    public override bool Nullable => Arguments.Any(argument => argument.Nullable);
}
