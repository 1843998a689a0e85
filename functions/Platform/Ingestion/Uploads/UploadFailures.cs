namespace DataPlatform.Ingestion.Uploads;

/// <summary>Codes of failures that say what becomes of an upload's status.</summary>
internal static class UploadFailures
{
    /// <summary>Its sender canceled it.</summary>
    public const string Canceled = "UploadCanceled";

    /// <summary>It was tried again and again, and given up.</summary>
    public const string GivenUp = "UploadGivenUp";

    /// <summary>Nobody completed it in time.</summary>
    public const string Expired = "UploadExpired";
}
