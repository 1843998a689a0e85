namespace DataPlatform.Serving.Warehouse;

/// <summary>What a worker may use.</summary>
/// <param name="MemoryBytes">Of the engine; the process may take somewhat more.</param>
/// <param name="TemporaryBytes">Of files that the engine writes when memory is short.</param>
internal sealed record WorkerSettings(long MemoryBytes, long TemporaryBytes);
