using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>What became of a request to load something later.</summary>
/// <param name="Upload">Null when the batch was loaded by a request that waited for it.</param>
/// <param name="Receipt">Of the batch when it is loaded; else null.</param>
public sealed record UploadStart(Upload? Upload, Receipt? Receipt);
