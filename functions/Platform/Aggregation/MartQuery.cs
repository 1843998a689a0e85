namespace DataPlatform.Aggregation;

/// <summary>A mart's definition as SQL.</summary>
/// <param name="Select">One SELECT over the view of the source, under the source's name.</param>
/// <param name="SortBy">The columns that files are sorted by: the dimensions.</param>
public sealed record MartQuery(string Select, IReadOnlyList<string> SortBy);
