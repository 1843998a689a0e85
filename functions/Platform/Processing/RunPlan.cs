namespace DataPlatform.Processing;

/// <summary>What a run executes, fixed when it begins: <c>lake/runs/{run}/plan.json</c>. A redeploy in between changes nothing.</summary>
/// <param name="Tables">The tables that existed when the run began, at their versions then.</param>
public sealed record RunPlan(string Run, long DefinitionVersion, CompiledPipeline Pipeline, IReadOnlyList<PinnedTable> Tables)
{
    /// <summary>The run whose plan this is, when the run goes on with another one's work.</summary>
    public string? Parent { get; init; }

    /// <summary>Steps that read all of their sources again and replace their targets.</summary>
    public IReadOnlyList<string> FullRefresh { get; init; } = [];
}
