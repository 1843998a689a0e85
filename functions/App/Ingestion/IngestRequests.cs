using DataPlatform.Gateway;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.CloudEvents;
using DataPlatform.Ingestion.Preview;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Ingestion;

/// <summary>Reads requests that bring rows; CloudEvents among them may have their attributes in the headers.</summary>
public sealed class IngestRequests(CloudEventBinding events)
{
    /// <param name="allowed">The query options that the route knows.</param>
    public async Task<BatchRequest> ReadBatchAsync(HttpRequest request, string dataset, CancellationToken cancellationToken, params IReadOnlyList<string> allowed)
    {
        _ = new QueryOptions(request, allowed);
        var encoding = request.Headers.ContentEncoding.ToString();
        var (type, body) = await events.ReadAsync(request.Headers, request.ContentType, encoding, request.Body, cancellationToken);
        return new BatchRequest(dataset, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request), type, encoding, body);
    }

    public async Task<PreviewRequest> ReadPreviewAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        var (type, body) = await events.ReadAsync(request.Headers, request.ContentType, encoding, request.Body, cancellationToken);
        return new PreviewRequest(dataset, type, encoding, body);
    }
}
