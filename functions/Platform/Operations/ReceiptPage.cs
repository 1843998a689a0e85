namespace DataPlatform.Operations;

/// <summary>Some receipts of a dataset, newest first.</summary>
/// <param name="Next">Where to go on; null at the end. A page may be short, or empty, and still have one: then it took long to find so few.</param>
public sealed record ReceiptPage(IReadOnlyList<Receipt> Receipts, string? Next);
