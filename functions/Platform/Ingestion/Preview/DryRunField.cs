namespace DataPlatform.Ingestion.Preview;

/// <summary>A column whose values would change in rows that load under both contracts.</summary>
/// <param name="Changed">Rows with another value; a column that is not there counts as null.</param>
public sealed record DryRunField(string Column, long Changed, IReadOnlyList<DryRunValue> Examples);
