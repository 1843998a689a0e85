namespace DataPlatform.Operations;

/// <summary>A request that was refused as a whole, as the ledger counts it.</summary>
/// <param name="Code">Of the error.</param>
public sealed record RejectedRequest(string Code, string Service, DateTimeOffset? Ended);
