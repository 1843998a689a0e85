namespace DataPlatform.Lake;

/// <summary>The blocks of an object.</summary>
/// <param name="Committed">What the object consists of, in order.</param>
/// <param name="Uncommitted">Stored, but not part of the object yet.</param>
public sealed record UploadBlocks(IReadOnlyList<UploadBlock> Committed, IReadOnlyList<UploadBlock> Uncommitted);
