namespace DataPlatform.Processing;

/// <summary>What a run executes, fixed when it begins: <c>lake/runs/{run}/plan.json</c>. A redeploy in between changes nothing.</summary>
/// <param name="Tables">The tables that existed when the run began, at their versions then.</param>
public sealed record RunPlan(string Run, long DefinitionVersion, CompiledPipeline Pipeline, IReadOnlyList<PinnedTable> Tables)
{
    /// <summary>The newest course of orchestrations.</summary>
    public const int NewestCourse = 2;

    /// <summary>The course of runs that stage their work before it is their turn to commit.</summary>
    public const int AheadCourse = 3;

    /// <summary>The course by which the run's orchestration goes: 1 has activities for plan, groups and commit alone. Plans of before there was
    /// another one do not say it. A run keeps its course, since a history cannot be replayed by another one.</summary>
    public int Course { get; init; } = 1;

    /// <summary>The run whose plan this is, when the run goes on with another one's work.</summary>
    public string? Parent { get; init; }

    /// <summary>Steps that read all of their sources again and replace their targets.</summary>
    public IReadOnlyList<string> FullRefresh { get; init; } = [];

    /// <inheritdoc cref="Operations.Run.ReadAfter"/>
    public IReadOnlyDictionary<string, long>? ReadAfter { get; init; }

    /// <summary>Whether a step is staged before the run's turn: what it reads is fixed, whatever runs before this one commit.</summary>
    public bool IsAhead(CompiledStep step) =>
        ReadAfter is not null
        && FullRefresh.Count == 0
        && step.NewSources is [var source]
        && ReadAfter.ContainsKey(source.Name)
        && !Pipeline.Steps.Any(other => other.Target == source || step.Sources.Contains(other.Target));
}
