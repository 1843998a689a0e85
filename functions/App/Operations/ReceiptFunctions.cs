using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Operations;

/// <summary>Where the rows of every batch went.</summary>
public sealed class ReceiptFunctions(ReceiptReader receipts)
{
    [Function("ReceiptGet")]
    [ApiRoute("read:receipt/{id}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/receipts/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => receipts.GetAsync(request, id, cancellationToken);

    [Function("ReceiptList")]
    [ApiRoute("read:receipt/*")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/receipts")] HttpRequest request, CancellationToken cancellationToken) =>
        receipts.ListAsync(request, cancellationToken);
}
