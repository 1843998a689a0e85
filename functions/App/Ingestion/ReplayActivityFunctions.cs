using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Ingestion;

/// <summary>The activities of a replay.</summary>
public sealed class ReplayActivityFunctions(QuarantineReplayer replayer, ActivityAttempt attempt)
{
    public const string Begin = "ReplayBegin";
    public const string Work = "ReplayRows";
    public const string End = "ReplayEnd";

    [Function(Begin)]
    public Task<IReadOnlyList<string>> BeginReplay([ActivityTrigger] string replay, CancellationToken cancellationToken) =>
        replayer.BeginAsync(replay, cancellationToken);

    [Function(Work)]
    public Task<ActivityOutcome> ReplayRows([ActivityTrigger] ReplayWork work, CancellationToken cancellationToken) =>
        attempt.RunAsync(
            work.Replay,
            async () =>
            {
                await replayer.ReplayAsync(work.Replay, work.Batch, cancellationToken);
                return new ActivityOutcome(null);
            },
            static failure => new ActivityOutcome(failure));

    [Function(End)]
    public Task EndReplay([ActivityTrigger] ReplayEnd end, CancellationToken cancellationToken) =>
        replayer.EndAsync(end.Replay, end.Error, cancellationToken);
}
