using DataPlatform.Catalog;

namespace DataPlatform.Operations;

/// <summary>How an expectation turned out.</summary>
/// <param name="Checked">Rows looked at.</param>
/// <param name="Broken">Rows that did not meet the condition.</param>
public sealed record RunExpectation(string Name, ExpectationAction OnFail, long Checked, long Broken);
