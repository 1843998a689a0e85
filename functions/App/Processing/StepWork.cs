namespace DataPlatform.App.Processing;

/// <summary>Input of a step's activities.</summary>
/// <param name="Whole">Whether the activity that plans the step shall do it, too, when it is small.</param>
public sealed record StepWork(string Run, int Step, bool Whole = false);
