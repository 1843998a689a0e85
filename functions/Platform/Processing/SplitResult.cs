using DataPlatform.Sql;

namespace DataPlatform.Processing;

/// <summary>What one activity wrote that divides a step's input by keys: <c>lake/runs/{run}/{step}/split-{n}.json</c>. The first attempt wins.</summary>
public sealed record SplitResult(IReadOnlyList<PartitionFile> Files);
