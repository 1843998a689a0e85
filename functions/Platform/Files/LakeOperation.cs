using DataPlatform.Operations;

namespace DataPlatform.Files;

/// <summary>A folder that is copied, moved or deleted object by object.</summary>
/// <param name="Source">Address of the folder that is copied or moved; null of a delete.</param>
/// <param name="Target">Address of the folder that comes to be, or is deleted.</param>
/// <param name="Copied">Objects at the target so far.</param>
/// <param name="CopiedBytes">Their bytes.</param>
/// <param name="Deleted">Objects deleted so far; of a move, at the source.</param>
/// <param name="IsCopied">Of a move: all copies are made, so that the source is deleted now.</param>
/// <param name="After">The last address of the source (of a delete: the target) that was seen to; null before the first.</param>
public sealed record LakeOperation(
    LakeOperationKind Operation,
    string? Source,
    string Target,
    long Copied = 0,
    long CopiedBytes = 0,
    long Deleted = 0,
    bool IsCopied = false,
    string? After = null) : RequestedOperation
{
    /// <summary>The row table.</summary>
    internal const string RowTable = "lakeoperations";

    /// <summary>All of them are in one partition.</summary>
    public const string Partition = "lake";
}
