namespace DataPlatform.Ingestion.Uploads;

/// <summary>Some uploads, newest first.</summary>
/// <param name="Next">The id to continue behind; null at the end.</param>
public sealed record UploadPage(IReadOnlyList<Upload> Uploads, string? Next);
