namespace DataPlatform.Serving.Queries;

/// <summary>OData's arithmetic.</summary>
public enum ArithmeticOperator
{
    Add,
    Subtract,
    Multiply,

    /// <summary>Of whole numbers the whole quotient, rounded towards zero. Division by zero gives null.</summary>
    Divide,
    Modulo,
}
