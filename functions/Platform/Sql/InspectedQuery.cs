namespace DataPlatform.Sql;

/// <summary>What the inspector found in a query.</summary>
/// <param name="Text">The query without a closing semicolon: it can be put between parentheses, on lines of its own.</param>
/// <param name="Tables">Every table named, once, in order of appearance; common table expressions are not tables.</param>
/// <param name="NewSources">The <c>new.</c> tables of each branch of the outermost UNION ALL, or of the whole query; a table named twice
/// is there twice.</param>
/// <param name="NotRowWise">Why the rows of the one <c>new.</c> source cannot be worked on in groups; null when they can.</param>
public sealed record InspectedQuery(
    string Text, IReadOnlyList<TableReference> Tables, IReadOnlyList<IReadOnlyList<string>> NewSources, string? NotRowWise)
{
    /// <summary>A SELECT that counts the rows of the <c>new.</c> source which inner joins drop; null when there are no such joins, or they do not tell.</summary>
    public string? Unmatched { get; init; }

    /// <summary>Where a branch names a <c>new.</c> table beside another one: <c> at line 1, column 5</c>; empty when none does.</summary>
    public string SecondNewSource { get; init; } = "";

    /// <summary>The parameters it names, each once.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];
}
