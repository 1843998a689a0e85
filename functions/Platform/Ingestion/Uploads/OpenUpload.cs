namespace DataPlatform.Ingestion.Uploads;

/// <summary>Marks an upload session, until its time is over and nothing is left of its bytes.</summary>
public sealed record OpenUpload(string Id, DateTimeOffset Expires);
