using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Aggregation;

/// <summary>The activities of a mart's refresh. Each can be repeated at any time with the same outcome.</summary>
public sealed class RefreshActivities(
    RunStore runs,
    RunGate gate,
    RunFinisher finisher,
    RunCancellation cancellation,
    MartRefresher refresher,
    MartVerifier verifier,
    ActivityAttempt attempt,
    TimeProvider clock)
{
    /// <summary>The one step of a refresh.</summary>
    public const string Step = "refresh";

    /// <summary>Pins the versions.</summary>
    public Task<RefreshBegun> BeginAsync(string runId, CancellationToken cancellationToken) => attempt.RunAsync(
        runId,
        async () =>
        {
            var run = await runs.GetAsync(runId, cancellationToken);
            if (run.HasEnded || !await gate.TryEnterAsync(run, cancellationToken))
                return new RefreshBegun(Plan: null, NothingToDo: true, Error: null);

            var plan = await refresher.PlanAsync(run.Name, run.DefinitionVersion, run.Refresh, cancellationToken);
            run = await runs.UpdateAsync(runId, current => Started(current, plan), cancellationToken);
            FaultPoint.Pass("after-plan");
            return run.HasEnded ? new RefreshBegun(Plan: null, NothingToDo: true, Error: null) : new RefreshBegun(plan, NothingToDo: false, Error: null);
        },
        failure => new RefreshBegun(Plan: null, NothingToDo: false, failure),
        "the beginning");

    /// <summary>Computes and commits.</summary>
    public Task<ActivityOutcome> ComputeAsync(string runId, RefreshPlan plan, CancellationToken cancellationToken) => attempt.RunAsync(
        runId,
        async () =>
        {
            if (plan.Wish is { Verify: true })
            {
                MartVerification? found = null;
                await cancellation.WorkAsync(runId, async token => found = await verifier.VerifyAsync(plan.Mart, token), cancellationToken);
                await runs.UpdateAsync(runId, current => Verified(current, found!), cancellationToken);
                return new ActivityOutcome(Error: null);
            }

            PreparedRefresh? prepared = null;
            async Task PrepareAsync(CancellationToken token) => prepared = await refresher.PrepareAsync(plan, $"{runId}/{Step}", token);

            // A commit that has begun is brought to its end, however often it is tried.
            if ((await runs.GetAsync(runId, cancellationToken)).Steps[0].CommitStarted is not null)
                await PrepareAsync(cancellationToken);
            else
                await cancellation.WorkAsync(runId, PrepareAsync, cancellationToken);
            await cancellation.BeginCommitAsync(runId, step: 0, cancellationToken);
            var result = await refresher.CommitAsync(prepared!, cancellationToken);
            await runs.UpdateAsync(runId, current => Computed(current, result), cancellationToken);
            return new ActivityOutcome(Error: null);
        },
        failure => new ActivityOutcome(failure),
        "the refresh");

    /// <param name="error">Why the refresh failed; null when it did not.</param>
    public Task EndAsync(string runId, RunFailure? error, CancellationToken cancellationToken) => finisher.EndAsync(runId, error, cancellationToken);

    private Run Started(Run run, RefreshPlan plan)
    {
        if (run.Status != RunStatus.NotStarted)
            return run;

        var now = clock.GetUtcNow();
        var step = new RunStep
        {
            Name = Step,
            Target = plan.Mart,
            Status = plan.NothingNew ? RunStatus.Succeeded : RunStatus.Running,
            Started = now,
            Ended = plan.NothingNew ? now : null,
            RowsIn = plan.NothingNew ? 0 : plan.SourceRows,
            RowsOut = plan.NothingNew ? 0 : null,
            TableVersion = plan.NothingNew ? plan.MartVersion : null,
            Inputs = [new RunInput(plan.Source.Name, IsNew: false, After: null, plan.SourceVersion)],
            Note = plan.NothingNew ? "Nothing new: neither the source nor the definition has changed." : null,
        };
        var pinned = new Dictionary<string, long>(StringComparer.Ordinal) { [plan.Source.Name] = plan.SourceVersion };
        return run with { Status = RunStatus.Running, Started = now, Pinned = pinned, Steps = [step] };
    }

    private Run Computed(Run run, RefreshResult result) => run.HasEnded ? run : run with
    {
        Steps =
        [
            .. run.Steps.Select(step => step with
            {
                Status = RunStatus.Succeeded,
                Ended = clock.GetUtcNow(),
                RowsOut = result.Rows ?? step.RowsOut,
                TableVersion = result.MartVersion,
                FullRefresh = result.Outcome?.Extent == RefreshExtent.Whole,
                Note = result.Rows is null ? "Another refresh at the same time has done the work." : result.Outcome?.Describe() ?? step.Note,
            }),
        ],
    };

    private Run Verified(Run run, MartVerification found) => run.HasEnded ? run : run with
    {
        Verification = found,
        Steps =
        [
            .. run.Steps.Select(step => step with
            {
                Status = RunStatus.Succeeded,
                Ended = clock.GetUtcNow(),
                RowsOut = 0,
                Note = found.Equal ? "The mart equals a full recomputation." : $"The mart differs from a full recomputation in {found.RowsDiffering} rows: refresh it with \"all\".",
            }),
        ],
    };
}
