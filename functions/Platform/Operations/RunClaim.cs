namespace DataPlatform.Operations;

/// <summary>Which run an idempotency key stands for.</summary>
internal sealed record RunClaim(string Run);
