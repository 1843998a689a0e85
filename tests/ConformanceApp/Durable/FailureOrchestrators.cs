using DataPlatform.ConformanceApp.Observing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>Failures, and what is done about them.</summary>
public sealed class FailureOrchestrators(Observations observations)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(600);

    [Function("failure_uncaught")]
    public Task<string> Uncaught([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.CallActivityAsync<string>("activity_fails", context.GetInput<FailureOrder>());

    [Function("failure_own")]
    public Task<string> Own([OrchestrationTrigger] TaskOrchestrationContext context) =>
        throw new InvalidOperationException("The orchestrator itself failed.");

    [Function("failure_caught")]
    public async Task<object> Caught([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            return await context.CallActivityAsync<string>("activity_fails", context.GetInput<FailureOrder>());
        }
        catch (TaskFailedException exception)
        {
            return new { exception.TaskName, Failure = FailureSeen.Of(exception.FailureDetails), exception.Message };
        }
    }

    /// <summary>Waits 0.6 s, then twice that each time.</summary>
    [Function("failure_retried")]
    public async Task<string> Retried([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var order = context.GetInput<FailureOrder>()!;
        var options = TaskOptions.FromRetryPolicy(new RetryPolicy(order.Attempts, First, backoffCoefficient: 2));
        try
        {
            return await context.CallActivityAsync<string>("activity_fails", order, options);
        }
        catch (TaskFailedException exception)
        {
            return exception.FailureDetails.ErrorMessage;
        }
    }

    /// <summary>The handler decides; it may run again at each replay.</summary>
    [Function("failure_handled")]
    public async Task<string> Handled([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var order = context.GetInput<FailureOrder>()!;
        List<int> asked = [];
        var options = TaskOptions.FromRetryHandler(retry =>
        {
            asked.Add(retry.LastAttemptNumber);
            return retry.LastFailure.ErrorMessage.Contains("failed", StringComparison.Ordinal) && retry.LastAttemptNumber < order.Attempts;
        });
        try
        {
            return $"{await context.CallActivityAsync<string>("activity_fails", order, options)}, asked {string.Join(',', asked)}";
        }
        catch (TaskFailedException exception)
        {
            return $"{exception.FailureDetails.ErrorMessage}, asked {string.Join(',', asked)}";
        }
    }

    /// <summary>A child that fails as often as the order says, retried as often as it allows.</summary>
    [Function("failure_child_retried")]
    public async Task<string> ChildRetried([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var order = context.GetInput<FailureOrder>()!;
        var options = TaskOptions.FromRetryPolicy(new RetryPolicy(order.Attempts, TimeSpan.FromMilliseconds(200)));
        try
        {
            return await context.CallSubOrchestratorAsync<string>("failure_child", order, options);
        }
        catch (TaskFailedException exception)
        {
            return $"{exception.TaskName}: {exception.FailureDetails.ErrorMessage}";
        }
    }

    [Function("failure_child")]
    public Task<string> Child([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.CallActivityAsync<string>("activity_fails", context.GetInput<FailureOrder>());

    /// <summary>One of three fails: the others' results still arrive.</summary>
    [Function("failure_one_of_three")]
    public async Task<string[]> OneOfThree([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        Task<string>[] tasks =
        [
            context.CallActivityAsync<string>("activity_hello", "a"),
            context.CallActivityAsync<string>("activity_fails", context.GetInput<FailureOrder>()),
            context.CallActivityAsync<string>("activity_hello", "b"),
        ];
        try
        {
            await Task.WhenAll(tasks);
        }
        catch (TaskFailedException)
        {
            // Told below.
        }

        return [.. tasks.Select(task => task.IsFaulted ? task.Exception!.InnerException!.GetType().Name : task.Result)];
    }

    [Function("failure_unknown_activity")]
    public Task UnknownActivity([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync("activity_that_is_not_there");

    /// <summary>Calls another activity at its first replay than at first.</summary>
    [Function("failure_not_deterministic")]
    public async Task<string> NotDeterministic([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        if (observations.Add(context.InstanceId) == 1)
            return await context.CallActivityAsync<string>("activity_hello", "first");
        await context.CallActivityAsync("activity_nothing");
        return "second";
    }
}
