namespace DataPlatform.App.Catalog;

/// <summary>A definition version that can be asked for with <c>?version=</c>.</summary>
public sealed record DefinitionVersion(long Version);
