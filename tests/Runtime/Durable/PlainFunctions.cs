using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class PlainFunctions
{
    [Function("Plain")]
    public static IActionResult Plain([HttpTrigger("get", Route = "plain")] HttpRequest request) => new OkObjectResult(request.Path.Value);
}
