namespace DataPlatform.Serving.Queries;

/// <summary>How a <see cref="LogicalExpression"/> joins its operands.</summary>
public enum LogicalOperator
{
    And,
    Or,
}
