namespace DataPlatform.Catalog;

/// <summary>A value that a run is given, <c>$name</c> in the SQL.</summary>
/// <param name="Name"><c>[a-z][a-z0-9_]{0,62}</c>.</param>
/// <param name="Default">As <see cref="ParameterValue"/> writes it; null when every run must be given one.</param>
public sealed record ParameterDefinition(string Name, ParameterType Type, string? Default = null, string? Description = null);
