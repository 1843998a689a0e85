namespace DataPlatform.Serving.Queries.Apply;

/// <summary>What an expression is for.</summary>
internal enum ExpressionRole
{
    /// <summary>True or false.</summary>
    Condition,

    /// <summary>Of any kind.</summary>
    Value,
}
