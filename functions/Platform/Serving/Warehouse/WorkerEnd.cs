namespace DataPlatform.Serving.Warehouse;

/// <summary>How a query ended.</summary>
/// <param name="Truncated">Whether there were more rows than it might give.</param>
internal sealed record WorkerEnd(long Rows, bool Truncated);
