using DataPlatform.Operations;

namespace DataPlatform.App.Ingestion;

/// <summary>Input of an upload's last activity.</summary>
public sealed record UploadEnd(string Id, string Instance, RunFailure? Error);
