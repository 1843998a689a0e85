using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Ingestion;

/// <summary>What those who send rows are answered.</summary>
internal static class BatchAnswers
{
    /// <summary>200 with the receipt, and where to ask for it again.</summary>
    /// <param name="route">The route that chose the service, if one did.</param>
    public static IResult Of(Receipt receipt, string? route = null)
    {
        var headers = new Dictionary<string, string> { ["Location"] = receipt.Links["self"], ["DataPlatform-Service"] = receipt.Service };
        if (route is not null)
            headers["DataPlatform-Route"] = route;
        return new JsonAnswer(StatusCodes.Status200OK, receipt) { Headers = headers };
    }
}
