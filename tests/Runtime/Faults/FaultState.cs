namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>What an execution hands to the next one of its instance.</summary>
public sealed record FaultState(int Number, int Generation, long Sum);
