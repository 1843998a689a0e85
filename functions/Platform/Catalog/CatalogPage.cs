namespace DataPlatform.Catalog;

/// <summary>A part of the catalog in order of names.</summary>
/// <param name="Next">The name to go on after; null at the end.</param>
public sealed record CatalogPage<T>(IReadOnlyList<CatalogEntry<T>> Entries, string? Next)
    where T : class;
