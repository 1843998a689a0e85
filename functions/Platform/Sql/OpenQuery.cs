namespace DataPlatform.Sql;

/// <summary>A query of a caller that may run.</summary>
/// <param name="Text">Without a closing semicolon: it can be put between parentheses, on lines of its own.</param>
/// <param name="Tables">The tables that it reads, in lower case, and where each is first named: <c> at line 1, column 15</c>.</param>
/// <param name="Parameters">The parameters that it names: numbers or names.</param>
public sealed record OpenQuery(string Text, IReadOnlyDictionary<string, string> Tables, IReadOnlySet<string> Parameters);
