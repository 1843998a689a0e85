using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>Where a batch stands in one table.</summary>
/// <param name="TableVersion">The first version of the table that holds all of the batch; null while there is none.</param>
/// <param name="Committed">When that version was.</param>
/// <param name="Run">That took the batch: made the version, is at work, or failed.</param>
/// <param name="Pipeline">Of the run; null for datasets and marts.</param>
/// <param name="Step">Of the run.</param>
/// <param name="Error">Why the run failed.</param>
public sealed record TrailStage(
    string Table,
    TableKind Kind,
    TrailState State,
    long? TableVersion = null,
    DateTimeOffset? Committed = null,
    string? Run = null,
    string? Pipeline = null,
    string? Step = null,
    RunFailure? Error = null)
{
    /// <summary>As in <c>?wait=</c>.</summary>
    internal string Address => Kind == TableKind.Mart ? $"mart:{Table}" : $"table:{Table}";
}
