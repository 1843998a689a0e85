namespace DataPlatform.Processing;

/// <summary>What a run executes, fixed when it begins: <c>lake/runs/{run}/plan.json</c>. A redeploy in between changes nothing.</summary>
/// <param name="Tables">The tables that existed when the run began, at their versions then.</param>
public sealed record RunPlan(string Run, long DefinitionVersion, CompiledPipeline Pipeline, IReadOnlyList<PinnedTable> Tables)
{
    /// <summary>Steps that read everything and replace their target, instead of going on where it stands.</summary>
    public IReadOnlyList<string> FullRefresh { get; init; } = [];
}
