namespace DataPlatform.Catalog;

/// <summary>A row of the name registry as one writer saw it.</summary>
/// <param name="ETag">Of the row.</param>
/// <param name="IsNew">The writer made the row, or took it over.</param>
internal sealed record NameClaim(string Name, string ETag, bool IsNew);
