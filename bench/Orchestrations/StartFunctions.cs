using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Bench.Orchestrations;

/// <summary>Starts an orchestration and answers with its output once it has ended.</summary>
public sealed class StartFunctions
{
    [Function("StartFanOut")]
    public Task<IActionResult> FanOut(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "fanOut/{count}")] HttpRequest request,
        string count,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => RunAsync(client, nameof(Orchestrators.FanOut), count, cancellationToken);

    [Function("StartChain")]
    public Task<IActionResult> Chain(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "chain/{number}")] HttpRequest request,
        string number,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => RunAsync(client, nameof(Orchestrators.Chain), number, cancellationToken);

    private static async Task<IActionResult> RunAsync(DurableTaskClient client, string name, string input, CancellationToken cancellationToken)
    {
        var id = await client.ScheduleNewOrchestrationInstanceAsync(name, int.Parse(input, CultureInfo.InvariantCulture), cancellationToken);
        var ended = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellationToken);
        return ended.RuntimeStatus == OrchestrationRuntimeStatus.Completed
            ? new ContentResult { Content = ended.SerializedOutput, ContentType = "application/json" }
            : new ObjectResult(ended.FailureDetails?.ErrorMessage) { StatusCode = StatusCodes.Status500InternalServerError };
    }
}
