namespace DataPlatform.Ingestion.Uploads;

/// <summary>Where an upload stands. Written in JSON as named here, which its properties see to.</summary>
public enum UploadStatus
{
    NotStarted,
    Running,
    Succeeded,
    Failed,
    Canceled,
}
