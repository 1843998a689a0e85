namespace DataPlatform.Operations;

/// <summary>Somebody's wish that a run ends.</summary>
public sealed record RunCancel(DateTimeOffset Time, string Caller);
