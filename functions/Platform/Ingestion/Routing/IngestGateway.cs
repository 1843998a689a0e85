using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.CloudEvents;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Realtime;
using DataPlatform.Operations;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Ingestion.Routing;

/// <summary>The one entry for rows: by the routes of the catalog, else by content type and size, it hands a request to the service that suits it.</summary>
public sealed class IngestGateway(RouteTable routes, CatalogStore catalog, BatchService batches, RecordService records, IngestionLimits limits)
{
    /// <summary>Decides where a request goes; up to 1 MiB of its body is read for that.</summary>
    /// <param name="request">With the dataset of the address.</param>
    /// <param name="source">What the request says of where it comes from; null asks its events.</param>
    public async Task<RoutedBatch> RouteAsync(BatchRequest request, string? source, CancellationToken cancellationToken)
    {
        var candidates = await routes.OfAsync(request.Dataset, cancellationToken);
        var start = await BodyStart.ReadAsync(request.Body, RouteCondition.MaxBytesKnown, cancellationToken);
        try
        {
            var decision = Decide(request, source, start, candidates);

            // Only a batch can make its dataset.
            if (decision.Service == RouteService.Realtime && await catalog.FindAsync<DatasetDefinition>(decision.Dataset, cancellationToken) is null)
                decision = decision with { Service = RouteService.Batch };
            return new RoutedBatch(decision, request with { Dataset = decision.Dataset, Body = start.Open() }, start);
        }
        catch
        {
            start.Dispose();
            throw;
        }
    }

    /// <summary>Has the service load what a request brings.</summary>
    /// <returns>The receipt.</returns>
    /// <exception cref="Failures.TerminalException">As of the service.</exception>
    public Task<Receipt> IngestAsync(RoutedBatch routed, CancellationToken cancellationToken) => routed.Decision.Service == RouteService.Realtime
        ? records.IngestAsync(routed.Request, cancellationToken)
        : batches.IngestAsync(routed.Request, cancellationToken);

    private RouteDecision Decide(BatchRequest request, string? source, BodyStart start, IReadOnlyList<RouteDefinition> candidates)
    {
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var media) ? media.MediaType.ToString().ToLowerInvariant() : "";
        var sources = source is not null ? [source]
            : candidates.Any(route => route.When.Source.Count > 0) ? SourcesOf(type, start)
            : [];
        var routed = new RoutedRequest(request.Dataset, type, Known(start) ? start.Bytes.Length : null, sources);
        var route = candidates.FirstOrDefault(candidate => RouteTable.Takes(candidate, routed));
        var service = route?.Service ?? Default(request, type, start);

        // There is no hub to stream through yet; what is durable in the table is more than was asked for.
        return new RouteDecision(route?.To ?? request.Dataset, service == RouteService.Streaming ? RouteService.Batch : service, route?.Name);
    }

    /// <summary>One object or event, small enough, is taken at once; a few rows go through a hub; all else is a batch.</summary>
    private static RouteService Default(BatchRequest request, string type, BodyStart start)
    {
        if (!Known(start) || request.ContentEncoding is not (null or "" or "identity") || IsOtherText(request.ContentType))
            return RouteService.Batch;
        return type switch
        {
            BatchMedia.CloudEvent => RouteService.Realtime,
            "application/json" when IsOneObject(start.Bytes.Span) => RouteService.Realtime,
            BatchMedia.CloudEventBatch or "application/json" or "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines"
                => RouteService.Streaming,
            _ => RouteService.Batch,
        };
    }

    private static bool Known(BodyStart start) => start.IsWhole && start.Bytes.Length <= RouteCondition.MaxBytesKnown;

    private static bool IsOtherText(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var media) && media.Charset.HasValue
        && !HeaderUtilities.RemoveQuotes(media.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static bool IsOneObject(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("\uFEFF"u8))
            text = text[3..];
        text = text.Trim(" \t\r\n"u8);
        var scanner = new JsonElementScanner();
        return text.StartsWith("{"u8) && scanner.TryFindObjectEnd(text) && scanner.Scanned == text.Length;
    }

    /// <returns>None when the body is no event, too large or broken: its service tells of that.</returns>
    private IReadOnlyList<string> SourcesOf(string type, BodyStart start)
    {
        if (type is not (BatchMedia.CloudEvent or BatchMedia.CloudEventBatch) || !Known(start))
            return [];
        try
        {
            using var document = JsonDocument.Parse(start.Bytes, new JsonDocumentOptions { MaxDepth = limits.MaxJsonDepth + 2 });
            IEnumerable<JsonElement> events = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray() : [document.RootElement];
            return [.. events.Select(one => one.ValueKind == JsonValueKind.Object && one.TryGetProperty(CloudEventAttributes.Source, out var source)
                && source.ValueKind == JsonValueKind.String ? source.GetString()! : "").Distinct(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
