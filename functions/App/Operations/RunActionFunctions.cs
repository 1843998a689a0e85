using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Operations;

/// <summary>What can be done with runs.</summary>
public sealed class RunActionFunctions(RunActions actions)
{
    /// <summary>200 with the run when it has ended, else 202: it ends as soon as its activities have.</summary>
    [Function("RunCancel")]
    [ApiRoute("run:run/{run}")]
    public Task<IResult> Cancel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/runs/{run}/cancel")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string run,
        CancellationToken cancellationToken) => actions.CancelAsync(request, client, run, cancellationToken);

    /// <summary>202 with a new run that goes on where this one failed.</summary>
    [Function("RunRetry")]
    [ApiRoute("run:run/{run}")]
    public Task<IResult> Retry(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/runs/{run}/retries")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string run,
        CancellationToken cancellationToken) => actions.RetryAsync(request, client, run, cancellationToken);
}
