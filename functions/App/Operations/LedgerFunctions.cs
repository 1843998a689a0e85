using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Operations;

/// <summary>Sums over batches, and their proof.</summary>
public sealed class LedgerFunctions(LedgerReader ledger)
{
    [Function("LedgerGet")]
    [ApiRoute("read:ledger/{dataset}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/ledger/{dataset}")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) => ledger.GetAsync(request, dataset, cancellationToken);

    [Function("LedgerList")]
    [ApiRoute("read:ledger")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/ledger")] HttpRequest request, CancellationToken cancellationToken) =>
        ledger.ListAsync(request, cancellationToken);

    [Function("LedgerProve")]
    [ApiRoute("read:ledger/{dataset}")]
    public Task<IResult> Prove(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/ledger/{dataset}/proofs")] HttpRequest request,
        string dataset,
        CancellationToken cancellationToken) => ledger.ProveAsync(request, dataset, cancellationToken);
}
