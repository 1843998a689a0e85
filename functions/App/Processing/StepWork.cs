namespace DataPlatform.App.Processing;

/// <summary>Input of a step's activities.</summary>
public sealed record StepWork(string Run, int Step);
