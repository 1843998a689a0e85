namespace DataPlatform.Ingestion.Expressions;

/// <summary>What is wrong with an expression, with its place in it and the fix.</summary>
internal sealed class ExpressionException(string message) : Exception(message);
