namespace DataPlatform.Ingestion.Uploads;

/// <summary>What is done for an upload at the moment.</summary>
public enum UploadStage
{
    /// <summary>Its sender writes blocks.</summary>
    Receiving,

    /// <summary>All is there, and its orchestration is about to start.</summary>
    Waiting,

    /// <summary>Its bytes are fetched.</summary>
    Fetching,

    /// <summary>Its bytes get their place in the raw zone.</summary>
    Copying,

    /// <summary>Its rows are read, checked and written.</summary>
    Loading,
}
