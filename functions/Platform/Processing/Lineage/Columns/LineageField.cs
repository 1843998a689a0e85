namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>A field of a contract that a column comes from in the end.</summary>
/// <param name="Source">Its name in what is sent.</param>
/// <param name="Expression">What the contract makes of it.</param>
/// <param name="Transformations">All that lies between the field and the column.</param>
public sealed record LineageField(string Dataset, string Field, string Source, string? Expression, IReadOnlyList<LineageTransformation> Transformations);
