namespace DataPlatform.Catalog;

/// <summary>An aggregate of a mart.</summary>
/// <param name="Sql">Expression over the source's columns; only <see cref="MeasureType.Count"/> goes without.</param>
public sealed record MeasureDefinition(string Name, MeasureType Type, string? Sql = null, string? Description = null);
