namespace DataPlatform.Operational;

/// <summary>What a caller wants listed.</summary>
/// <param name="Filter">In the expression language of the rows routes.</param>
/// <param name="Prefix">The start of keys, in address form.</param>
/// <param name="After">The cursor of the page before.</param>
public sealed record OperationalQuery(string Dataset, string? Filter, string? Prefix, string? After, int Top);
