using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Operations;

/// <summary>Where every row went.</summary>
public sealed class ReceiptFunctions(ReceiptReader receipts, Ledger ledger, Links links)
{
    [Function("ReceiptGet")]
    [ApiRoute("read:receipt/{id}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/receipts/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => receipts.GetAsync(request, id, cancellationToken);

    /// <summary>With <c>?dataset=</c> its ledger, else the list of all.</summary>
    [Function("LedgerGet")]
    [ApiRoute("read:ledger")]
    public async Task<IResult> GetLedger(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/ledger")] HttpRequest request, CancellationToken cancellationToken) =>
        new QueryOptions(request, "dataset").Text("dataset") is { } dataset
            ? new JsonAnswer(StatusCodes.Status200OK, await ledger.GetAsync(dataset, cancellationToken))
            : links.List(request, await ledger.ListAsync(cancellationToken), "after", null);
}
