using DataPlatform.Lake;

namespace DataPlatform.Files;

/// <summary>An object of the lake, or a folder (of which only the path is told), as answers have it.</summary>
/// <param name="Path">As in its address; a folder's ends with a slash.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lowercase hex; only in the answer to the request that wrote it.</param>
public sealed record LakeEntry(
    string Path,
    long? Length = null,
    string? ETag = null,
    DateTimeOffset? LastModified = null,
    string? ContentType = null,
    IReadOnlyDictionary<string, string>? Metadata = null,
    string? Sha256 = null)
{
    public static LakeEntry Of(ObjectInfo info) =>
        new(LakeAddress.Of(info.Path), info.Length, info.ETag, info.LastModified, info.ContentType, info.Metadata);
}
