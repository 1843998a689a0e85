namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>A stretch of a fetched file that lies in the object store.</summary>
/// <param name="Name">Of the object, below the folder of the file's parts. Random, so that two attempts never write to one.</param>
public sealed record FetchPart(string Name, long Bytes);
