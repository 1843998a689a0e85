using DataPlatform.Serving.Queries;

namespace DataPlatform.Serving.TableReading;

/// <summary>Which rows of a table a caller may see: for the caller there are no others.</summary>
/// <param name="Condition">A boolean expression over the table's columns; rows for which it is false or null are not there.</param>
/// <param name="Text">The same text for the same condition: answers by it are told apart from answers by others.</param>
public sealed record RowFilter(Expression Condition, string Text);
