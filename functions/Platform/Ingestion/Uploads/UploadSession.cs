using System.Text.Json.Serialization;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>What is needed to send an upload's bytes.</summary>
/// <param name="Url">Takes Put Block and Put Block List, as any client of Azure blobs speaks them, or one Put Blob; needs no other credentials, so it is a secret.</param>
/// <param name="UrlExpires">Until when it does.</param>
/// <param name="Expires">Until when the upload can be completed.</param>
/// <param name="BlockBytes">A good size of blocks, of which there may be <paramref name="MaxBlocks"/>.</param>
/// <param name="Links">Addresses of what belongs to it, without scheme and host.</param>
public sealed record UploadSession(
    string Id,
    [property: JsonConverter(typeof(JsonStringEnumConverter<UploadStatus>))] UploadStatus Status,
    string Url,
    DateTimeOffset UrlExpires,
    DateTimeOffset Expires,
    long BlockBytes,
    int MaxBlocks,
    IReadOnlyDictionary<string, string> Links);
