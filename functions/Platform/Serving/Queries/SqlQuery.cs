namespace DataPlatform.Serving.Queries;

/// <summary>SQL with its values beside it.</summary>
/// <param name="Text">With <c>$1</c>, <c>$2</c> … for the values.</param>
/// <param name="Parameters">In the order of their numbers.</param>
public sealed record SqlQuery(string Text, IReadOnlyList<object?> Parameters);
