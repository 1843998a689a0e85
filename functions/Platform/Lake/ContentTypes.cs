namespace DataPlatform.Lake;

/// <summary>The type of an object that was written without one, by its name.</summary>
internal static class ContentTypes
{
    public const string Unknown = "application/octet-stream";

    public static string ForName(string fileName) => Path.GetExtension(fileName).ToLowerInvariant() switch
    {
        ".json" => "application/json",
        ".ndjson" => "application/x-ndjson",
        ".csv" => "text/csv",
        ".txt" => "text/plain",
        ".sql" => "application/sql",
        ".parquet" => "application/vnd.apache.parquet",
        ".arrow" => "application/vnd.apache.arrow.file",
        ".gz" => "application/gzip",
        ".zst" => "application/zstd",
        ".pdf" => "application/pdf",
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        _ => Unknown,
    };
}
