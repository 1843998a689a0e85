using DataPlatform.App.Operations;
using DataPlatform.Operations;
using DataPlatform.Processing;
using Microsoft.DurableTask;

namespace DataPlatform.App.Processing;

/// <summary>How a run goes that is a slice among others: it stages what it can, waits for its turn, and then commits.</summary>
internal sealed class AheadCourse(TaskOrchestrationContext context, string run, IReadOnlyList<StepPolicy> policies)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <returns>Null when all steps are done.</returns>
    public async Task<RunFailure?> RunAsync()
    {
        for (var step = 0; step < policies.Count; step++)
        {
            if (policies[step].Ahead && await Step(step).StageAsync() is { } failure)
                return failure;
        }

        if (await WaitAsync() is { } refused)
            return refused;
        for (var step = 0; step < policies.Count; step++)
        {
            if (await (policies[step].Ahead ? Step(step).CommitAsync() : Step(step).RunAsync()) is { } failure)
                return failure;
        }

        return null;
    }

    private StepOrchestration Step(int step) => new(context, run, step, policies[step]);

    /// <summary>The end of the slice before is told by an event; should that be lost, it is looked for.</summary>
    private async Task<RunFailure?> WaitAsync()
    {
        var told = context.WaitForExternalEvent<bool>(RunOrchestrations.Turn);
        for (var pause = FirstLook; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var turn = await context.CallActivityAsync<TurnOutcome>(PipelineActivityFunctions.TakeTurn, run, RunRetries.End);
            if (turn.Taken || turn.Error is not null)
                return turn.Error;

            using var woken = new CancellationTokenSource();
            var due = context.CreateTimer(pause, woken.Token);
            if (await Task.WhenAny(told, due) == told)
            {
                // At once: what awaits a thread of the pool would leave the orchestrator's.
                woken.Cancel();
                told = context.WaitForExternalEvent<bool>(RunOrchestrations.Turn);
            }
        }
    }
}
