namespace DataPlatform.Lake;

/// <summary>One write of a batch.</summary>
/// <param name="Value">The JSON document; ignored by <see cref="RowOperationKind.Delete"/>.</param>
/// <param name="ETag">For Replace and Delete: the ETag that must still hold; null means any.</param>
public sealed record RowOperation(RowOperationKind Kind, RowKey Key, ReadOnlyMemory<byte> Value = default, string? ETag = null);
