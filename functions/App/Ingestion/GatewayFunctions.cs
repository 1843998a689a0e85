using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Ingestion;

/// <summary>The one entry for rows of any kind.</summary>
public sealed class GatewayFunctions(IngestGateway gateway, IngestRequests requests, BatchPost post, BatchAnswers answers)
{
    /// <summary>As the service answers that takes the request; a batch as at <c>/batches</c>.</summary>
    [Function("IngestPost")]
    [ApiRoute("ingest:{dataset}", Body = RequestBody.Data, Webhook = true)]
    public async Task<IResult> Post(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/ingest/{dataset}")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        string dataset,
        CancellationToken cancellationToken)
    {
        var batch = await requests.ReadBatchAsync(request, dataset, cancellationToken, "source");
        using var routed = await gateway.RouteAsync(batch, new QueryOptions(request, "source").Text("source"), cancellationToken);
        Authorize(request, routed.Decision.Dataset);
        Announce(request.HttpContext.Response, routed.Decision);
        return routed.Decision.Service == RouteService.Batch
            ? await post.PostAsync(request, client, routed.Request, cancellationToken)
            : await answers.OfAsync(await gateway.IngestAsync(routed, cancellationToken), cancellationToken);
    }

    /// <summary>Says who takes the request.</summary>
    private static void Announce(HttpResponse response, RouteDecision decision)
    {
        response.Headers[BatchAnswers.ServiceHeader] = EnumNames.Of(decision.Service);
        if (decision.Route is not null)
            response.Headers["DataPlatform-Route"] = decision.Route;
    }

    private static void Authorize(HttpRequest request, string dataset)
    {
        if (!Caller.Of(request.HttpContext).Has($"ingest:{dataset}"))
            throw new TerminalException(FailureKind.Forbidden, "ScopeMissing", $"A route hands this request to the dataset '{dataset}', and your key lacks the scope 'ingest:{dataset}'.", "scope");
    }
}
