using System.Text.Json.Serialization;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>A remote file to load, as a caller asks for it.</summary>
public sealed record FetchRequest
{
    /// <summary>The media type of requests that are nothing else.</summary>
    public const string MediaType = "application/vnd.dataplatform.fetch+json";

    /// <summary>http or https. A secret: its query may hold a signature. Show <see cref="ShownUrl"/>.</summary>
    public required string Url { get; init; }

    /// <summary>What the file is; null when its server or its name is to say it.</summary>
    public string? ContentType { get; init; }

    /// <summary>How it is compressed (<c>identity</c>: not at all); null when its server or its name is to say it.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>What the file's bytes hash to, 64 hexadecimal digits in lower case.</summary>
    public string? Sha256 { get; init; }

    /// <summary>How long the file is.</summary>
    public long? Bytes { get; init; }

    /// <summary>Scheme, host and path of the URL.</summary>
    [JsonIgnore]
    public string ShownUrl => new Uri(Url).GetLeftPart(UriPartial.Path);

    public override string ToString() => ShownUrl;
}
