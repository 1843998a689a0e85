namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>What a step reads, as it follows from its sources' history.</summary>
/// <param name="Must">The error with which it has to stop; null when there is none.</param>
/// <param name="May">Errors with which it may stop.</param>
/// <param name="IsSkipped">There is nothing to do.</param>
/// <param name="Reads">Rows by table.</param>
/// <param name="Positions">Where its target stands after it, by source.</param>
/// <param name="Before">Where its target stood.</param>
public sealed record ModelPlan(
    string? Must,
    IReadOnlySet<string> May,
    bool IsSkipped,
    IReadOnlyDictionary<string, IReadOnlyList<ModelRow>> Reads,
    IReadOnlyDictionary<string, ModelPosition> Positions,
    IReadOnlyDictionary<string, ModelPosition?> Before);
