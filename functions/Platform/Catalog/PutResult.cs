namespace DataPlatform.Catalog;

/// <summary>A document after a PUT.</summary>
public sealed record PutResult<T>(CatalogEntry<T> Entry, PutOutcome Outcome)
    where T : class;
