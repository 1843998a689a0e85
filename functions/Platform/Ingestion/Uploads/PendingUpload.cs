namespace DataPlatform.Ingestion.Uploads;

/// <summary>Marks an upload whose orchestration is yet to begin.</summary>
/// <param name="Instance">The orchestration's id.</param>
public sealed record PendingUpload(string Id, string Instance, DateTimeOffset Created);
