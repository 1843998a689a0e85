using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>How much of a mart is to be computed, and what of it is written anew.</summary>
/// <param name="Select">Gives the rows to write; null when nothing is to be computed.</param>
/// <param name="Reason">Why all is computed; null when it is not.</param>
/// <param name="Partitions">How many are computed; null when all are.</param>
/// <param name="Rewritten">The mart's files that the new ones take the place of.</param>
/// <param name="RowsKept">Rows of <paramref name="Rewritten"/> that are written again as they are.</param>
internal sealed record RefreshDecision(
    RefreshExtent Extent, string? Select, string? Reason, long? Partitions, IReadOnlyList<DataFile> Rewritten, long RowsKept);
