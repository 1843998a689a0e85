using System.Text.Json;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Preview;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Ingestion;

/// <summary>What those who send rows are answered.</summary>
internal static class BatchAnswers
{
    /// <summary>200 with the receipt, and where to ask for it again.</summary>
    /// <param name="route">The route that chose the service, if one did.</param>
    public static IResult Of(Receipt receipt, string? route = null) =>
        new JsonAnswer(StatusCodes.Status200OK, receipt) { Headers = HeadersOf(receipt, route) };

    /// <summary>The same; where the batch has made its dataset, with <c>created</c> and a link to the contract.</summary>
    public static IResult Of(FirstBatch first, string? route = null)
    {
        if (first.Created is not { } created)
            return Of(first.Receipt, route);

        var body = JsonSerializer.SerializeToNode(first.Receipt, PlatformJson.Options)!.AsObject();
        body["created"] = JsonSerializer.SerializeToNode(created, PlatformJson.Options);
        var headers = HeadersOf(first.Receipt, route);
        headers["Link"] = $"<{created.Links["self"]}>; rel=\"describedby\"";
        return new JsonAnswer(StatusCodes.Status200OK, body) { Headers = headers };
    }

    private static Dictionary<string, string> HeadersOf(Receipt receipt, string? route)
    {
        var headers = new Dictionary<string, string> { ["Location"] = receipt.Links["self"], ["DataPlatform-Service"] = receipt.Service };
        if (route is not null)
            headers["DataPlatform-Route"] = route;
        return headers;
    }
}
