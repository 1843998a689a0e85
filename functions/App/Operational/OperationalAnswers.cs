using System.Globalization;
using System.Text.Json;
using DataPlatform.Gateway;
using DataPlatform.Lake;
using DataPlatform.Operational;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.App.Operational;

/// <summary>Between HTTP and the operational store.</summary>
internal static class OperationalAnswers
{
    private const int DefaultTop = 100;
    private const int MaxTop = 1000;

    public static OperationalQuery ReadQuery(HttpRequest request, string dataset)
    {
        var options = new QueryOptions(request, "filter", "prefix", "after", "top");
        return new OperationalQuery(dataset, options.Text("filter"), options.Text("prefix"), options.Text("after"), (int)(options.Number("top", 1, MaxTop) ?? DefaultTop));
    }

    public static async Task<OperationalWrite> ReadAsync(HttpRequest request, string dataset, string key, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var condition = Preconditions.Read(request);
        var body = await DocumentReader.ReadAsync(request, cancellationToken);
        return new OperationalWrite(dataset, key, condition, Caller.Of(request.HttpContext).Id, request.ContentType ?? "application/json", body);
    }

    public static OperationalWrite ReadDeletion(HttpRequest request, string dataset, string key)
    {
        _ = new QueryOptions(request);
        var condition = Preconditions.ReadETag(request) is { } etag ? PutCondition.IfMatch(etag) : PutCondition.None;
        return new OperationalWrite(dataset, key, condition, Caller.Of(request.HttpContext).Id, null, default);
    }

    /// <summary>The row, or 304 for a caller that has it.</summary>
    public static IResult Of(HttpRequest request, OperationalItem item)
    {
        var headers = new Dictionary<string, string> { ["ETag"] = $"\"{item.ETag}\"", ["Cache-Control"] = "private, no-cache" };
        return Has(request, item.ETag)
            ? new EmptyAnswer(StatusCodes.Status304NotModified) { Headers = headers }
            : new JsonAnswer(StatusCodes.Status200OK, item.Json) { Headers = headers };
    }

    /// <summary>201 or 200 with the row, 204 when it was deleted; the batch that the change is can be asked for by its receipt.</summary>
    public static IResult Of(OperationalWritten written)
    {
        var headers = new Dictionary<string, string>
        {
            ["Data-Version"] = written.TableVersion.ToString(CultureInfo.InvariantCulture),
            ["Data-Receipt"] = $"/api/v1/receipts/{written.Receipt}",
        };
        if (written.Item is not { } item)
            return new EmptyAnswer(StatusCodes.Status204NoContent) { Headers = headers };
        headers["ETag"] = $"\"{item.ETag}\"";
        return new JsonAnswer(written.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK, item.Json) { Headers = headers };
    }

    public static ListedRow Listed(OperationalItem item)
    {
        var reader = new Utf8JsonReader(item.Json.Span, new JsonReaderOptions { MaxDepth = 256 });
        return new ListedRow(item.Key, item.ETag, JsonElement.ParseValue(ref reader));
    }

    private static bool Has(HttpRequest request, string etag) =>
        request.Headers.IfNoneMatch is { Count: > 0 } given
        && EntityTagHeaderValue.TryParseList(given, out var tags)
        && tags.Any(tag => tag.Tag == "*" || tag.Compare(new EntityTagHeaderValue($"\"{etag}\""), useStrongComparison: false));
}
