namespace DataPlatform.Ingestion.Uploads;

/// <summary>Marks an upload whose bytes have their time, until that is over and nothing is left of them.</summary>
public sealed record OpenUpload(string Id, DateTimeOffset Expires);
