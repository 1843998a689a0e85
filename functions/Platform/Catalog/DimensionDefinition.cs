namespace DataPlatform.Catalog;

/// <summary>A column that a mart groups by.</summary>
/// <param name="Sql">Expression over the source's columns; null means the column of the same name.</param>
public sealed record DimensionDefinition(string Name, string? Sql = null, string? Description = null);
