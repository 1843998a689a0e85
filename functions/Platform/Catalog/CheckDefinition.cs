namespace DataPlatform.Catalog;

/// <summary>A condition over the fields of one row.</summary>
/// <param name="Condition">A boolean of the safe SQL subset, over the values as they are stored, before <c>pii</c>. NULL counts as
/// broken.</param>
/// <param name="Message">What the quarantine says of a row that breaks it.</param>
public sealed record CheckDefinition(string Name, string Condition, string? Message = null, CheckAction OnFail = CheckAction.Quarantine);
