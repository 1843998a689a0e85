namespace DataPlatform.Ingestion.Uploads;

/// <summary>How an upload's bytes come into storage.</summary>
public enum UploadOrigin
{
    /// <summary>By a request for a batch that need not be answered at once.</summary>
    Body,

    /// <summary>By a session: its sender writes blocks to an address that was given to him, then completes it.</summary>
    Blocks,

    /// <summary>From an address that the platform fetches.</summary>
    Url,
}
