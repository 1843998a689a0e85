using Microsoft.Net.Http.Headers;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Media types of files, by how their names end.</summary>
internal static class FileTypes
{
    private static readonly Dictionary<string, string> ByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] = "text/csv",
        [".tsv"] = "text/tab-separated-values",
        [".tab"] = "text/tab-separated-values",
        [".ndjson"] = "application/x-ndjson",
        [".jsonl"] = "application/x-ndjson",
        [".json"] = "application/json",
        [".parquet"] = "application/vnd.apache.parquet",
    };

    /// <param name="extension">With its dot.</param>
    /// <returns>Null when files so called are not read.</returns>
    public static string? OfExtension(string extension) => ByExtension.GetValueOrDefault(extension);

    /// <summary>Whether a media type says of a file what it is. Browsers and file servers know little: to them .csv may be Excel's or any bytes.</summary>
    public static bool IsRead(string? type) =>
        MediaTypeHeaderValue.TryParse(type, out var media) && ByExtension.ContainsValue(media.MediaType.ToString().ToLowerInvariant());
}
