using DataPlatform.Catalog;
using DataPlatform.Failures;

namespace DataPlatform.Operations;

/// <summary>What a caller asks to be run.</summary>
/// <param name="Name">Of the pipeline or mart.</param>
/// <param name="IdempotencyKey">The same key again gives the same run.</param>
public sealed record RunRequest(RunKind Kind, string Name, long DefinitionVersion, string Caller, string? IdempotencyKey = null)
{
    /// <summary>What the run does while another one of the same name is under way.</summary>
    public RunConcurrency Concurrency { get; init; }

    /// <inheritdoc cref="Run.Parent"/>
    public string? Parent { get; init; }

    /// <summary>Values that the request gave.</summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <inheritdoc cref="Run.FullRefresh"/>
    public IReadOnlyList<string>? FullRefresh { get; init; }

    /// <inheritdoc cref="Run.Refresh"/>
    public RefreshWish? Refresh { get; init; }

    /// <inheritdoc cref="Run.PinAt"/>
    public IReadOnlyDictionary<string, long>? PinAt { get; init; }

    /// <inheritdoc cref="Run.ReadAfter"/>
    public IReadOnlyDictionary<string, long>? ReadAfter { get; init; }

    /// <summary>To go on with a run that did not reach its end: what it did is taken over.</summary>
    /// <exception cref="TerminalException"><c>RunNotEnded</c>, <c>RunNotRetriable</c>.</exception>
    public static RunRequest ToRetry(Run run, string caller, string? idempotencyKey)
    {
        if (!run.HasEnded)
            throw new TerminalException(FailureKind.Conflict, "RunNotEnded", "The run has not ended: wait for its end, or cancel it.", "run");
        if (run.Status == RunStatus.Succeeded)
            throw NotRetriable("has succeeded, so there is nothing to do again");
        if (run.Kind == RunKind.Refresh)
            return new RunRequest(run.Kind, run.Name, run.DefinitionVersion, caller, idempotencyKey) { Parent = run.Id, Refresh = run.Refresh };
        return run.Plan is null
            ? throw NotRetriable("never began: start the pipeline again")
            : new RunRequest(run.Kind, run.Name, run.DefinitionVersion, caller, idempotencyKey)
            {
                Concurrency = run.Concurrency,
                Parent = run.Id,
                Parameters = run.Parameters,
                FullRefresh = run.FullRefresh,
            };
    }

    private static TerminalException NotRetriable(string reason) => new(FailureKind.Conflict, "RunNotRetriable", $"The run {reason}.", "run");
}
