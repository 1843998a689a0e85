namespace DataPlatform.Ingestion.Expressions;

/// <summary>A field that an expression may name.</summary>
/// <param name="Reader">Gives its value in the row at hand; null for fields that cannot be used.</param>
internal sealed record ExpressionColumn(string Name, Term? Reader);
