using System.Text.Json.Serialization;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Backfills;

/// <summary>What a backfill would read.</summary>
public sealed record BackfillPlan(string Pipeline, long DefinitionVersion, string Source, IReadOnlyList<BackfillSlice> Slices)
{
    /// <inheritdoc cref="Backfill.Parallelism"/>
    public int Parallelism { get; init; } = 1;

    /// <inheritdoc cref="Backfill.Whole"/>
    [JsonIgnore]
    public IReadOnlyList<TableName> Whole { get; init; } = [];

    public long Batches => Slices.Sum(slice => slice.Batches);

    public long Rows => Slices.Sum(slice => slice.Rows);
}
