namespace DataPlatform.Catalog;

/// <summary>A document as the catalog keeps it.</summary>
/// <param name="Version">Definition version: 1 with the first PUT, one more with each that changes the document; a document that is
/// deleted and put again goes on counting.</param>
/// <param name="ETag">Opaque, without quotes.</param>
/// <param name="Document">The JSON as it was put.</param>
public sealed record CatalogEntry<T>(
    T Definition, long Version, string ETag, DateTimeOffset Created, DateTimeOffset Updated, ReadOnlyMemory<byte> Document)
    where T : class;
