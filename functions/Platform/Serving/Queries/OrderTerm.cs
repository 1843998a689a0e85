namespace DataPlatform.Serving.Queries;

/// <summary>One sort criterion. Nulls are lower than every value: first when ascending, last when descending.</summary>
public sealed record OrderTerm(Expression Expression, bool Descending = false);
