namespace DataPlatform.App.Ingestion;

/// <summary>Input of the activity that replays the rows of one batch.</summary>
public sealed record ReplayWork(string Replay, string Batch);
