namespace DataPlatform.Tables;

/// <summary>Keeps a table at a version, and the commits behind it, from being cleaned away.</summary>
/// <param name="Holder">Who: <c>projection:…</c>, <c>step:…</c>, <c>mart:…</c>, <c>run:…</c>, <c>cursor:…</c>.</param>
/// <param name="TableId">Of the table; another table of the name is not held.</param>
/// <param name="Version">The oldest table version that is needed.</param>
/// <param name="Expires">When the hold ends by itself. Holds without are consumers that follow the table: they end when they lag too far
/// behind (<see cref="PlatformOptions.ConsumerMaxLag"/>).</param>
public sealed record TableHold(string Holder, string TableId, long Version, DateTimeOffset? Expires = null)
{
    /// <summary>Since when the holder has been writing files that it will commit; null when it writes none.</summary>
    public DateTimeOffset? Writes { get; init; }

    /// <summary>The version at which the holder was given up as lost; null while it is not.</summary>
    public long? LostAt { get; init; }
}
