namespace DataPlatform.Aggregation;

/// <summary>How new a mart's data is.</summary>
/// <param name="DefinitionVersion">The newest.</param>
/// <param name="ComputedBy">The definition version that computed the data; null before the first refresh.</param>
/// <param name="TableVersion">The mart's newest table version; null before the first refresh.</param>
/// <param name="Refreshed">When that came to be.</param>
/// <param name="AsOf">The time up to which commits of the sources are in the mart: that of the newest one of them. Null before the first refresh.</param>
/// <param name="IsStale">Whether a commit that the mart lacks has been there for longer than <paramref name="Freshness"/>; null without a freshness.</param>
/// <param name="Freshness">As the definition has it.</param>
public sealed record MartStatus(
    string Mart,
    long DefinitionVersion,
    long? ComputedBy,
    long? TableVersion,
    DateTimeOffset? Refreshed,
    DateTimeOffset? AsOf,
    bool? IsStale,
    string? Freshness,
    long? Rows,
    int Files,
    IReadOnlyList<MartSourceStatus> Sources);
