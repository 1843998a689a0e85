namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <param name="Life">Which of the tables that had the source's name.</param>
public sealed record ModelPosition(int Life, long Version);
