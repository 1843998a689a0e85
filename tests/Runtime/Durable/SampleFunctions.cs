using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Durable;

/// <summary>The shapes of durable functions that the official host allows.</summary>
public sealed class SampleFunctions(ILogger<SampleFunctions> logger)
{
    public sealed record Failure(string Reason);

    [Function("Start")]
    public static async Task<IActionResult> Start(
        [HttpTrigger("get", Route = "start")] HttpRequest request, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) =>
        new ContentResult
        {
            Content = await client.ScheduleNewOrchestrationInstanceAsync("Sum", int.Parse(request.Query["n"]!), cancellationToken),
        };

    [Function("Sum")]
    public static async Task<string> Sum([OrchestrationTrigger] TaskOrchestrationContext context, int count, FunctionContext function)
    {
        ILogger log = context.CreateReplaySafeLogger<SampleFunctions>();
#pragma warning disable CA1848, CA1873
        log.LogInformation("summing");
#pragma warning restore CA1848, CA1873
        int[] squares = await Task.WhenAll(Enumerable.Range(0, count).Select(i => context.CallActivityAsync<int>(nameof(Square), i)));
        string author = await context.CallSubOrchestratorAsync<string>(nameof(Author));
        return $"{string.Join(' ', squares)} by {author} {function.FunctionDefinition.Name}";
    }

    [Function(nameof(Author))]
    public static Task<string> Author([OrchestrationTrigger] TaskOrchestrationContext context) => Task.FromResult("sample");

    [Function(nameof(Square))]
    public int Square([ActivityTrigger] int value, FunctionContext context)
    {
#pragma warning disable CA1848, CA1873
        logger.LogInformation("squaring {Value}", value);
#pragma warning restore CA1848, CA1873
        return value * value;
    }

    [Function("Broken")]
    public static async Task Broken([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        try
        {
            await context.CallActivityAsync("Break", context.GetInput<Failure>());
        }
        catch (TaskFailedException failed)
        {
            throw new InvalidOperationException($"{failed.Message}, type {failed.FailureDetails.ErrorType}", failed);
        }
    }

    [Function("Break")]
    public static Task Break([ActivityTrigger] Failure failure) => throw new InvalidDataException(failure.Reason);

    [Function("Waiting")]
    public static Task<int> Waiting([OrchestrationTrigger] TaskOrchestrationContext context) => context.WaitForExternalEvent<int>("go");
}
