using DataPlatform.Operations;

namespace DataPlatform.Processing.Backfills;

/// <summary>What a backfill would read.</summary>
public sealed record BackfillPlan(string Pipeline, long DefinitionVersion, string Source, IReadOnlyList<BackfillSlice> Slices)
{
    public long Batches => Slices.Sum(slice => slice.Batches);

    public long Rows => Slices.Sum(slice => slice.Rows);
}
