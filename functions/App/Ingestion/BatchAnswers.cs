using System.Text.Json;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Preview;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Ingestion;

/// <summary>What those who send rows are answered.</summary>
internal static class BatchAnswers
{
    /// <summary>Names the service that took the rows.</summary>
    public const string ServiceHeader = "DataPlatform-Service";

    /// <summary>200 with the receipt, and where to ask for it again.</summary>
    public static IResult Of(Receipt receipt) => new JsonAnswer(StatusCodes.Status200OK, receipt) { Headers = HeadersOf(receipt) };

    /// <summary>The same; where the batch has made its dataset, with <c>created</c> and a link to the contract.</summary>
    public static IResult Of(FirstBatch first)
    {
        if (first.Created is not { } created)
            return Of(first.Receipt);

        var body = JsonSerializer.SerializeToNode(first.Receipt, PlatformJson.Options)!.AsObject();
        body["created"] = JsonSerializer.SerializeToNode(created, PlatformJson.Options);
        var headers = HeadersOf(first.Receipt);
        headers["Link"] = $"<{created.Links["self"]}>; rel=\"describedby\"";
        return new JsonAnswer(StatusCodes.Status200OK, body) { Headers = headers };
    }

    private static Dictionary<string, string> HeadersOf(Receipt receipt) => new() { ["Location"] = receipt.Links["self"], [ServiceHeader] = receipt.Service };
}
