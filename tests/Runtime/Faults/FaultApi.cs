using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>What the driver of the fault tests talks to.</summary>
public sealed class FaultApi
{
    /// <summary>202 once the start is stored, also if it was before.</summary>
    [Function("FaultStart")]
    public static async Task<IActionResult> Start(
        [HttpTrigger("post", Route = "start/{name}/{id}/{number}")] HttpRequest request,
        string name,
        string id,
        string number,
        [DurableClient] DurableTaskClient client)
    {
        if (await client.GetInstanceAsync(id) is null)
        {
            FaultState state = new(int.Parse(number, CultureInfo.InvariantCulture), 0, 0);
            await client.ScheduleNewOrchestrationInstanceAsync(name, state, new StartOrchestrationOptions(id));
        }

        return new AcceptedResult();
    }

    /// <summary>202 once the event is stored; 410 when the orchestration has ended.</summary>
    [Function("FaultRaise")]
    public static async Task<IActionResult> Raise(
        [HttpTrigger("post", Route = "raise/{id}/{name}/{number}")] HttpRequest request,
        string id,
        string name,
        string number,
        [DurableClient] DurableTaskClient client)
    {
        try
        {
            await client.RaiseEventAsync(id, name, int.Parse(number, CultureInfo.InvariantCulture));
            return new AcceptedResult();
        }
        catch (InvalidOperationException)
        {
            if (await client.GetInstanceAsync(id) is not { IsCompleted: true }) throw;
            return new StatusCodeResult(StatusCodes.Status410Gone);
        }
    }

    /// <summary>200 with the result once it is there, 500 with the failure, 202 if it takes longer than a few seconds.</summary>
    [Function("FaultResult")]
    public static async Task<IActionResult> Result(
        [HttpTrigger("get", Route = "result/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            OrchestrationMetadata ended = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
            return ended.RuntimeStatus == OrchestrationRuntimeStatus.Completed
                ? new ContentResult { Content = ended.SerializedOutput }
                : new ObjectResult($"{ended.RuntimeStatus} {ended.FailureDetails?.ErrorMessage}") { StatusCode = StatusCodes.Status500InternalServerError };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new AcceptedResult();
        }
    }
}
