using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Ingestion;

/// <summary>The one entry for rows of any kind.</summary>
public sealed class GatewayFunctions(IngestGateway gateway, IngestRequests requests)
{
    [Function("IngestPost")]
    [ApiRoute("ingest:{dataset}", Body = RequestBody.Data, Webhook = true)]
    public async Task<IResult> Post(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/ingest/{dataset}")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken)
    {
        var batch = await requests.ReadBatchAsync(request, dataset, cancellationToken, "source");
        var source = new QueryOptions(request, "source").Text("source");
        var (receipt, decision) = await gateway.IngestAsync(batch, source, target => Authorize(request, target), cancellationToken);
        return BatchAnswers.Of(receipt, decision.Route);
    }

    private static void Authorize(HttpRequest request, string dataset)
    {
        if (!Caller.Of(request.HttpContext).Has($"ingest:{dataset}"))
            throw new TerminalException(FailureKind.Forbidden, "ScopeMissing", $"A route hands this request to the dataset '{dataset}', and your key lacks the scope 'ingest:{dataset}'.", "scope");
    }
}
