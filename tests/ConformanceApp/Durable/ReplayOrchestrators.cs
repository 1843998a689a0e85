using System.Globalization;
using DataPlatform.ConformanceApp.Observing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>Tell at each replay what they see. That breaks the rules of orchestrators, and is what the tests are after.</summary>
public sealed class ReplayOrchestrators(Observations observations)
{
    [Function("replay_values")]
    public async Task<string[]> Values([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var first = context.NewGuid();
        var second = context.NewGuid();
        Note(context, "guids", $"{first} {second}");
        Note(context, "time", context.CurrentUtcDateTime.ToString("o", CultureInfo.InvariantCulture));
        Note(context, "replaying-0", context.IsReplaying.ToString());
        await context.CallActivityAsync<string>("activity_hello", "1");
        Note(context, "replaying-1", context.IsReplaying.ToString());
        Note(context, "later-time", context.CurrentUtcDateTime.ToString("o", CultureInfo.InvariantCulture));
        await context.CallActivityAsync<string>("activity_hello", "2");
        Note(context, "replaying-2", context.IsReplaying.ToString());
        return [first.ToString(), second.ToString(), context.NewGuid().ToString()];
    }

    [Function("replay_logs")]
    public async Task<string> Logs([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var logger = context.CreateReplaySafeLogger(ObservedLogs.Category);
        Note(context, "plain", "");
        Log.Step(logger, context.InstanceId, 0);
        await context.CallActivityAsync<string>("activity_hello", "1");
        Log.Step(logger, context.InstanceId, 1);
        await context.CallActivityAsync<string>("activity_hello", "2");
        Log.Step(logger, context.InstanceId, 2);
        return "logged";
    }

    private void Note(TaskOrchestrationContext context, string what, string text) => observations.Add($"{context.InstanceId}-{what}", text);
}
