namespace DataPlatform.Catalog;

/// <summary>Which requests a route takes: those for which all that is said holds. In patterns <c>*</c> stands for any characters, also none.</summary>
public sealed record RouteCondition
{
    /// <summary>Sizes are told apart up to here; larger bodies all count as larger.</summary>
    public const int MaxBytesKnown = 1 << 20;

    /// <summary>Patterns of media types, without parameters; one must match. Empty: all.</summary>
    public IReadOnlyList<string> ContentType { get; init; } = [];

    /// <summary>The smallest body, in bytes as sent.</summary>
    public int? MinBytes { get; init; }

    /// <summary>The largest body, in bytes as sent.</summary>
    public int? MaxBytes { get; init; }

    /// <summary>Patterns of the query option <c>source</c> or, without it, of the sources of the body's CloudEvents; one must match, for each event. Empty: all.</summary>
    public IReadOnlyList<string> Source { get; init; } = [];
}
