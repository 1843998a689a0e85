using DataPlatform.Gateway;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Ingestion;

/// <summary>Between HTTP and the batch service.</summary>
internal static class BatchAnswers
{
    public static BatchRequest Read(HttpRequest request, string dataset)
    {
        _ = new QueryOptions(request);
        return new BatchRequest(
            dataset,
            Caller.Of(request.HttpContext).Id,
            IdempotencyKey.Read(request),
            request.ContentType,
            request.Headers.ContentEncoding.ToString(),
            request.Body);
    }

    /// <summary>200 with the receipt, and where to ask for it again.</summary>
    public static IResult Of(Receipt receipt) => new JsonAnswer(StatusCodes.Status200OK, receipt)
    {
        Headers = new Dictionary<string, string> { ["Location"] = receipt.Links["self"] },
    };
}
