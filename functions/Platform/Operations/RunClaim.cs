namespace DataPlatform.Operations;

/// <summary>Which run an idempotency key stands for.</summary>
/// <param name="Request">Fingerprint of what was asked for; null when that was nothing in particular.</param>
internal sealed record RunClaim(string Run, string? Request = null);
