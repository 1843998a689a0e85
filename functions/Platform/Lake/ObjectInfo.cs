namespace DataPlatform.Lake;

/// <summary>What the store knows of an object.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="ETag">Opaque, without quotes; changes with every write.</param>
/// <param name="LastModified">UTC, by the store's clock.</param>
/// <param name="ContentType">As given when it was written.</param>
public sealed record ObjectInfo(LakePath Path, long Length, string ETag, DateTimeOffset LastModified, string? ContentType = null)
{
    /// <summary>Names and values that its writer gave it; null when none.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
