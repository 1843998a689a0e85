namespace DataPlatform.Operations;

/// <summary>Why a batch was rejected.</summary>
public sealed record ReceiptError(string Code, string Message, string? Target = null);
