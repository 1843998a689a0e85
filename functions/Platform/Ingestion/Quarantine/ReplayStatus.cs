namespace DataPlatform.Ingestion.Quarantine;

/// <summary>How far a replay is, in the words of long-running operations.</summary>
public enum ReplayStatus
{
    NotStarted,
    Running,
    Succeeded,
    Failed,
}
