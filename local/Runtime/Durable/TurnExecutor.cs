using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Replays an orchestrator over its history, then over what is new, and says what follows. Touches no storage.</summary>
internal sealed class TurnExecutor(TaskRegistry registry, DataConverter converter, DurableOptions options, ILoggerFactory loggers)
{
    public async Task<TurnOutcome> Run(Turn played)
    {
        InstanceRow instance = played.Instance;
        if (!registry.TryGetOrchestrator(instance.Name, out Orchestrator? orchestrator))
            return Failed(instance, TaskFailures.NoOrchestrator(instance.Name, registry.Orchestrators));

        TurnSynchronizationContext turn = new();
        OrchestrationContext context = new(instance, converter, options, loggers, turn);
        try
        {
            return Play(played, orchestrator, context, turn);
        }
        finally
        {
            await context.EndTurn();
        }
    }

    private TurnOutcome Play(Turn played, Orchestrator orchestrator, OrchestrationContext context, TurnSynchronizationContext turn)
    {
        InstanceRow instance = played.Instance;
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(turn);
        try
        {
            Execution execution = new(orchestrator, context, turn);
            execution.Play(played);
            return execution.Ended is { } ended
                ? Conclude(instance, context, ended)
                : new TurnOutcome(OrchestrationRuntimeStatus.Running, context.Pending) { CustomStatus = context.CustomStatus };
        }
        catch (Exception exception) when (exception is NonDeterministicException or IllegalAwaitException)
        {
            Log.OrchestratorFailed(loggers.CreateLogger("Durable"), exception, instance.Name, instance.Id);
            return Failed(instance, TaskFailureDetails.FromException(exception));
        }
        finally
        {
            turn.Close();
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private static TurnOutcome Failed(InstanceRow instance, TaskFailureDetails failure) =>
        new(OrchestrationRuntimeStatus.Failed, []) { Failure = failure, Output = failure.ErrorMessage, CustomStatus = instance.CustomStatus };

    private TurnOutcome Conclude(InstanceRow instance, OrchestrationContext context, Task<object?> execution)
    {
        if (execution.IsCompletedSuccessfully)
        {
            if (context.Next is { } next)
            {
                return new TurnOutcome(OrchestrationRuntimeStatus.Running, context.Pending)
                {
                    Next = new NextExecution(context.SerializedNextInput, next.NewVersion, context.CarriedEvents),
                    CustomStatus = context.CustomStatus,
                };
            }

            try
            {
                string? output = Payload.Check(
                    converter.Serialize(execution.Result), options.MaxPayloadBytes, $"result of orchestrator '{instance.Name}'");
                return new TurnOutcome(OrchestrationRuntimeStatus.Completed, context.Pending)
                {
                    Output = output,
                    CustomStatus = context.CustomStatus,
                };
            }
            catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException or System.Text.Json.JsonException)
            {
                return Failed(instance, TaskFailureDetails.FromException(exception)) with { CustomStatus = context.CustomStatus };
            }
        }

        Exception failure = execution.Exception?.InnerException ?? new TaskCanceledException(execution);
        Log.OrchestratorFailed(loggers.CreateLogger("Durable"), failure, instance.Name, instance.Id);
        TaskFailureDetails details = TaskFailureDetails.FromException(failure);
        return new TurnOutcome(OrchestrationRuntimeStatus.Failed, context.Pending)
        {
            Failure = details,
            Output = details.ErrorMessage,
            CustomStatus = context.CustomStatus,
        };
    }

    private sealed class Execution(Orchestrator orchestrator, OrchestrationContext context, TurnSynchronizationContext turn)
    {
        private Task<object?>? _result;

        /// <summary>
        /// The orchestrator, once it has ended. As on the official host, open activities and timers keep an orchestration alive
        /// whose code has returned.
        /// </summary>
        public Task<object?>? Ended => _result is { IsCompleted: true } && !context.HasOpenTasks ? _result : null;

        public void Play(Turn played)
        {
            foreach (HistoryEvent past in played.History) Play(past);
            context.EnsureAllMatched();
            context.EndReplay();
            context.BeginTurn(played.Now);
            foreach (HistoryEvent fresh in played.News) Play(fresh);

            bool waits = context.HasOpenTasks || context.Events.HasWaiters;
            if (turn.SawIllegalAwait || (_result is { IsCompleted: false } && !waits))
                throw new IllegalAwaitException(context.Name);
        }

        private void Play(HistoryEvent step)
        {
            switch (step.Kind)
            {
                case HistoryEventKind.TurnStarted:
                    context.EnsureAllMatched();
                    context.BeginTurn(step.At);
                    break;
                case HistoryEventKind.ExecutionStarted:
                    _result ??= Guarded();
                    break;
                case HistoryEventKind.TaskScheduled or HistoryEventKind.TimerCreated or HistoryEventKind.SubOrchestrationCreated
                    or HistoryEventKind.EventSent:
                    context.Match(step);
                    break;
                case HistoryEventKind.TaskCompleted or HistoryEventKind.SubOrchestrationCompleted or HistoryEventKind.TimerFired:
                    context.Close(step.TaskId)?.Complete(step.Payload);
                    break;
                case HistoryEventKind.TaskFailed or HistoryEventKind.SubOrchestrationFailed:
                    context.Close(step.TaskId)?.Fail(step.Failure!);
                    break;
                case HistoryEventKind.EventRaised:
                    context.Raise(step);
                    break;
                default:
                    throw new InvalidOperationException($"History of '{context.InstanceId}' has an event of unknown kind {step.Kind}.");
            }

            turn.Drain();
        }

        /// <summary>The last continuation comes back to the turn's thread too, so that code which left it is found out.</summary>
        private async Task<object?> Guarded() => await orchestrator(context);
    }
}
