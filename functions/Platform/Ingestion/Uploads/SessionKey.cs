namespace DataPlatform.Ingestion.Uploads;

/// <summary>Which upload session an idempotency key stands for.</summary>
/// <param name="Request">The hash of the request that began it.</param>
public sealed record SessionKey(string Id, string Request, DateTimeOffset Created);
