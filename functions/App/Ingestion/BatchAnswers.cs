using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Ingestion;

/// <summary>What those who send rows are answered.</summary>
internal static class BatchAnswers
{
    /// <summary>200 with the receipt, and where to ask for it again.</summary>
    public static IResult Of(Receipt receipt) => new JsonAnswer(StatusCodes.Status200OK, receipt)
    {
        Headers = new Dictionary<string, string> { ["Location"] = receipt.Links["self"] },
    };
}
