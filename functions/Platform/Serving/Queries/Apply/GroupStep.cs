using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries.Apply;

/// <summary>One row for each group of equal keys, null a key like others; without keys one row for all, also when there are none.</summary>
public sealed record GroupStep(IReadOnlyList<TableColumn> Keys, IReadOnlyList<AggregatedColumn> Aggregated)
    : ApplyStep([.. Keys, .. Aggregated.Select(aggregated => aggregated.Column)]);
