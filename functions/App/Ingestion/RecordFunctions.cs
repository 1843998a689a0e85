using DataPlatform.Gateway;
using DataPlatform.Ingestion.Realtime;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Ingestion;

/// <summary>One or a few rows a request.</summary>
public sealed class RecordFunctions(RecordService records, IngestRequests requests, BatchAnswers answers)
{
    [Function("RecordPost")]
    [ApiRoute("ingest:{dataset}", Body = RequestBody.Data, Webhook = true)]
    public async Task<IResult> Post(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/ingest/{dataset}/records")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) =>
        await answers.OfAsync(await records.IngestAsync(await requests.ReadBatchAsync(request, dataset, cancellationToken), cancellationToken), cancellationToken);
}
