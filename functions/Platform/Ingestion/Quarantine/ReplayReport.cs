using System.Text.Json.Serialization;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>What people get of a replay.</summary>
/// <param name="Id">Null for a dry run.</param>
/// <param name="Result">So far, over all batches.</param>
/// <param name="Batches">Of a dry run, what it would do at each.</param>
public sealed record ReplayReport(
    string? Id,
    string Dataset,
    [property: JsonConverter(typeof(JsonStringEnumConverter<ReplayStatus>))] ReplayStatus Status,
    ReplayPatch? Patch,
    ReplayCounts Result,
    IReadOnlyList<ReplayedBatch> Batches,
    DateTimeOffset? Created,
    DateTimeOffset? Ended,
    RunFailure? Error);
