using DataPlatform.Gateway;
using DataPlatform.Ingestion.Uploads;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Ingestion;

/// <summary>What is loaded after it was accepted.</summary>
public sealed class UploadFunctions(UploadAnswers answers, UploadStore uploads, UploadExpiry expiry)
{
    [Function("UploadPost")]
    [ApiRoute("ingest:{dataset}", Body = RequestBody.Document)]
    public Task<IResult> Post(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/ingest/{dataset}/uploads")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) => answers.BeginAsync(request, dataset, cancellationToken);

    [Function("UploadComplete")]
    [ApiRoute("ingest:{dataset}", Body = RequestBody.Document)]
    public Task<IResult> Complete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/ingest/{dataset}/uploads/{id}/complete")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string dataset,
        string id,
        CancellationToken cancellationToken) => answers.CompleteAsync(request, client, dataset, id, cancellationToken);

    [Function("UploadBlockList")]
    [ApiRoute("ingest:{dataset}")]
    public Task<IResult> Blocks(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/ingest/{dataset}/uploads/{id}/blocks")] HttpRequest request,
        string dataset,
        string id,
        CancellationToken cancellationToken) => answers.ListBlocksAsync(request, dataset, id, cancellationToken);

    [Function("UploadDelete")]
    [ApiRoute("ingest:{dataset}")]
    public Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/ingest/{dataset}/uploads/{id}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string dataset,
        string id,
        CancellationToken cancellationToken) => answers.CancelAsync(request, client, dataset, id, cancellationToken);

    [Function("UploadGet")]
    [ApiRoute("ingest:{dataset}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/ingest/{dataset}/uploads/{id}")] HttpRequest request,
        string dataset,
        string id,
        CancellationToken cancellationToken) => answers.GetAsync(request, dataset, id, cancellationToken);

    [Function("UploadList")]
    [ApiRoute("ingest:{dataset}")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/ingest/{dataset}/uploads")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) => answers.ListAsync(request, dataset, cancellationToken);

    /// <summary>Schedules uploads that were stored but whose process ended before it could.</summary>
    [Function("UploadSchedulePending")]
    public async Task SchedulePending(
        [TimerTrigger("*/15 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        foreach (var pending in await uploads.ListOverdueAsync(cancellationToken))
            await client.ScheduleUploadAsync(pending.Id, pending.Instance, cancellationToken);
    }

    [Function("UploadExpire")]
    public Task Expire([TimerTrigger("30 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) => expiry.ExpireAsync(cancellationToken);
}
