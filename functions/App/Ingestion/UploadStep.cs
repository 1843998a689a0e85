namespace DataPlatform.App.Ingestion;

/// <summary>Input of an upload's first activity.</summary>
/// <param name="Instance">The orchestration's id.</param>
public sealed record UploadStep(string Id, string Instance);
