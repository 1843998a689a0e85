namespace DataPlatform.Catalog;

/// <summary>A condition that every row a step writes should meet.</summary>
/// <param name="Condition">A SQL boolean over the step's output columns; NULL counts as broken.</param>
public sealed record ExpectationDefinition(string Name, string Condition, ExpectationAction OnFail = ExpectationAction.Warn);
