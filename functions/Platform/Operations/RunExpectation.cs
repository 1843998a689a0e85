using DataPlatform.Catalog;

namespace DataPlatform.Operations;

/// <summary>How an expectation turned out.</summary>
/// <param name="Checked">Rows looked at.</param>
/// <param name="Broken">Rows that did not meet the condition; 0 of an expectation about all rows together.</param>
public sealed record RunExpectation(string Name, ExpectationAction OnFail, long Checked, long Broken)
{
    public bool Met { get; init; } = Broken == 0;
}
