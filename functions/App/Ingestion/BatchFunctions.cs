using DataPlatform.Gateway;
using DataPlatform.Ingestion.Batches;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Ingestion;

/// <summary>Batches in, and the timer that settles what crashed.</summary>
public sealed class BatchFunctions(IngestRequests requests, BatchPost post, BatchSettlement settlement)
{
    /// <summary>200 with the receipt or, with <c>Prefer: respond-async</c>, 202 as soon as the body is stored; 202 for a URL to fetch.</summary>
    [Function("BatchPost")]
    [ApiRoute("ingest:{dataset}", Body = RequestBody.Data, Webhook = true)]
    public async Task<IResult> Post(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/ingest/{dataset}/batches")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string dataset,
        CancellationToken cancellationToken) =>
        await post.PostAsync(request, client, await requests.ReadBatchAsync(request, dataset, cancellationToken), cancellationToken);

    /// <summary>Every 15 seconds: receipts and ledger rows of crashed requests, and claims nobody works on.</summary>
    [Function("BatchSettle")]
    public Task Settle([TimerTrigger("*/15 * * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        settlement.SettleAsync(cancellationToken);

    [Function("BatchKeyPurge")]
    public Task PurgeKeys([TimerTrigger("0 40 3 * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        settlement.PurgeKeysAsync(cancellationToken);
}
