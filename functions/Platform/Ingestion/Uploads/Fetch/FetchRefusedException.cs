namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>A host has no address that may be connected to. Stays within the connection: its user says which URL that was.</summary>
internal sealed class FetchRefusedException : Exception;
