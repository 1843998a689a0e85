namespace DataPlatform.Aggregation;

/// <summary>How far a mart has followed one of its sources.</summary>
/// <param name="HeldVersion">The table version that the mart holds; null when it holds none of this table.</param>
/// <param name="Version">The table's newest version; null when it has no data.</param>
/// <param name="BehindSince">The time of the first commit that the mart lacks; null when it lacks none.</param>
public sealed record MartSourceStatus(string Table, long? HeldVersion, long? Version, DateTimeOffset? BehindSince);
