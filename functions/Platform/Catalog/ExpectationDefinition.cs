namespace DataPlatform.Catalog;

/// <summary>What the rows a step writes should meet: each of them, or all together.</summary>
/// <param name="Condition">A SQL boolean over the step's output columns, for each row; NULL counts as broken. Null when there is an aggregate.</param>
public sealed record ExpectationDefinition(string Name, string? Condition, ExpectationAction OnFail = ExpectationAction.Warn)
{
    /// <summary>A SQL boolean with aggregates over the rows that the step writes; NULL counts as broken. Null when there is a condition.</summary>
    public string? Aggregate { get; init; }
}
