using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Preview;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Ingestion;

/// <summary>What those who send rows are answered.</summary>
public sealed class BatchAnswers(AnsweredErrors broken)
{
    /// <summary>Names the service that took the rows.</summary>
    public const string ServiceHeader = "DataPlatform-Service";

    /// <summary>200 with the receipt, and where to ask for it again. Where rows are broken, with <c>errors</c>: the first of them.</summary>
    public async Task<IResult> OfAsync(Receipt receipt, CancellationToken cancellationToken) =>
        await broken.OfAsync(receipt, cancellationToken) is { } errors
            ? Answer(receipt, ToJson(receipt, errors))
            : Answer(receipt, receipt);

    /// <summary>The same; where the batch has made its dataset, with <c>created</c> and a link to the contract.</summary>
    public async Task<IResult> OfAsync(FirstBatch first, CancellationToken cancellationToken)
    {
        if (first.Created is not { } created)
            return await OfAsync(first.Receipt, cancellationToken);

        var body = ToJson(first.Receipt, await broken.OfAsync(first.Receipt, cancellationToken));
        body["created"] = JsonSerializer.SerializeToNode(created, PlatformJson.Options);
        return Answer(first.Receipt, body, ("Link", $"<{created.Links["self"]}>; rel=\"describedby\""));
    }

    private static JsonObject ToJson(Receipt receipt, IReadOnlyList<PreviewError>? errors)
    {
        var body = JsonSerializer.SerializeToNode(receipt, PlatformJson.Options)!.AsObject();
        if (errors is not null)
            body["errors"] = JsonSerializer.SerializeToNode(errors, PlatformJson.Options);
        return body;
    }

    private static JsonAnswer Answer(Receipt receipt, object body, params (string Name, string Value)[] headers)
    {
        var all = new Dictionary<string, string> { ["Location"] = receipt.Links["self"], [ServiceHeader] = receipt.Service };
        foreach (var (name, value) in headers)
            all.Add(name, value);
        return new JsonAnswer(StatusCodes.Status200OK, body) { Headers = all };
    }
}
