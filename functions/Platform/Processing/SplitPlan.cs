using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>How a step's input is divided by keys: one activity for each group of files writes its rows into partitions, one activity for each
/// partition then reads what all of them wrote.</summary>
public sealed record SplitPlan(PinnedTable Table, IReadOnlyList<string> By, int Partitions, IReadOnlyList<IReadOnlyList<DataFile>> Groups);
