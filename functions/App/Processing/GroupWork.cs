namespace DataPlatform.App.Processing;

/// <summary>Input of a group's activity.</summary>
public sealed record GroupWork(string Run, int Step, int Group);
