using DataPlatform.Aggregation;

namespace DataPlatform.App.Aggregation;

/// <summary>Input of the activity that computes a mart.</summary>
public sealed record RefreshWork(string Run, RefreshPlan Plan);
