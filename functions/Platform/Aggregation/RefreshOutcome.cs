using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>What a refresh did, as the mart's commit keeps it.</summary>
/// <param name="Reason">Why all was computed; null when it was not.</param>
/// <param name="Partitions">How many were computed; null when all were.</param>
/// <param name="RowsComputed">Rows of the mart that were aggregated from the source.</param>
/// <param name="FilesRemoved">Files of the mart that were rewritten or given up.</param>
public sealed record RefreshOutcome(RefreshExtent Extent, string? Reason, long? Partitions, long RowsComputed, int FilesRemoved, int FilesAdded)
{
    /// <summary>The member of <c>commitInfo</c>.</summary>
    internal const string Member = "refresh";

    /// <summary>Null for a commit of an earlier release.</summary>
    internal static RefreshOutcome? TryRead(Commit commit) => commit.Info[Member].Deserialize<RefreshOutcome>(PlatformJson.Options);

    internal JsonNode ToJson() => JsonSerializer.SerializeToNode(this, PlatformJson.Options)!;

    /// <summary>For people.</summary>
    internal string Describe() => Extent switch
    {
        RefreshExtent.Nothing => "The changes of the source touched no partition.",
        RefreshExtent.Partitions => $"{Partitions} {(Partitions == 1 ? "partition" : "partitions")} computed again, the others kept.",
        _ => $"Computed whole: {Reason}",
    };
}
