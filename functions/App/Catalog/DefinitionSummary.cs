namespace DataPlatform.App.Catalog;

/// <summary>A definition in a list.</summary>
/// <param name="Version">Definition version.</param>
public sealed record DefinitionSummary(
    string Name, string? Description, long Version, string Etag, DateTimeOffset Created, DateTimeOffset Updated)
{
    /// <summary>Of dashboards that have one.</summary>
    public string? Title { get; init; }
}
