using System.Text;
using DataPlatform.ConformanceApp.Observing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.ConformanceApp.Http;

/// <summary>Every way to answer.</summary>
public sealed class ResultFunctions(Gates gates)
{
    private static readonly byte[] Block = new byte[64 * 1024];

    [Function("results_action")]
    public IActionResult Action([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "results/action/{kind}")] HttpRequest request, string kind) => kind switch
    {
        "object" => new ObjectResult(new { Answer = 42, Nothing = (string?)null }) { StatusCode = StatusCodes.Status202Accepted },
        "ok" => new OkObjectResult(new[] { 1, 2, 3 }),
        "text" => new OkObjectResult("plain"),
        "json" => new JsonResult(new { Answer = 42 }),
        "content" => new ContentResult { Content = "<a/>", ContentType = "application/xml", StatusCode = StatusCodes.Status203NonAuthoritative },
        "file" => new FileContentResult("a,b"u8.ToArray(), "text/csv") { FileDownloadName = "rows.csv" },
        "stream" => new FileStreamResult(new MemoryStream(Encoding.UTF8.GetBytes("streamed")), "application/octet-stream"),
        "no-content" => new NoContentResult(),
        "empty" => new EmptyResult(),
        "created" => new CreatedResult("/elsewhere", new { Id = "x" }),
        "redirect" => new RedirectResult("/elsewhere"),
        "not-found" => new NotFoundObjectResult(new { Missing = "it" }),
        _ => new StatusCodeResult(StatusCodes.Status418ImATeapot),
    };

    [Function("results_result")]
    public IResult Result([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "results/result/{kind}")] HttpRequest request, string kind) => kind switch
    {
        "json" => Results.Json(new { Answer = 42 }, statusCode: StatusCodes.Status201Created),
        "text" => Results.Text("text", "text/csv", Encoding.UTF8, StatusCodes.Status206PartialContent),
        "bytes" => Results.Bytes("bytes"u8.ToArray(), "application/octet-stream"),
        "stream" => Results.Stream(async body => await body.WriteAsync("streamed"u8.ToArray()), "application/x-ndjson"),
        "no-content" => Results.NoContent(),
        "problem" => Results.Problem("it broke", statusCode: StatusCodes.Status409Conflict),
        "redirect" => Results.Redirect("/elsewhere", preserveMethod: true),
        _ => Results.StatusCode(StatusCodes.Status418ImATeapot),
    };

    [Function("results_awaited")]
    public async Task<IActionResult> Awaited([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "results/awaited")] HttpRequest request)
    {
        await Task.Yield();
        return new ContentResult { Content = "awaited" };
    }

    [Function("results_written")]
    public async Task Written([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "results/written")] HttpRequest request, CancellationToken cancellationToken)
    {
        var response = request.HttpContext.Response;
        response.StatusCode = StatusCodes.Status418ImATeapot;
        response.ContentType = "text/plain";
        response.Headers["x-hand"] = "yes";
        await response.WriteAsync("written by hand", cancellationToken);
    }

    [Function("results_status_only")]
    public void StatusOnly([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "results/status-only")] HttpRequest request) =>
        request.HttpContext.Response.StatusCode = StatusCodes.Status205ResetContent;

    [Function("results_throws")]
    public IActionResult Throws([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "results/throws")] HttpRequest request)
    {
        request.HttpContext.Response.Headers["x-early"] = "1";
        throw new InvalidOperationException("the secret");
    }

    [Function("results_throws_late")]
    public async Task ThrowsLate([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "results/throws-late")] HttpRequest request)
    {
        await request.HttpContext.Response.WriteAsync("first");
        await request.HttpContext.Response.Body.FlushAsync();
        throw new InvalidOperationException("the secret");
    }

    /// <summary>Writes and flushes one part, and the other one only when the test has opened the gate.</summary>
    [Function("results_in_parts")]
    public async Task InParts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "results/in-parts/{key}")] HttpRequest request, string key, CancellationToken cancellationToken)
    {
        var response = request.HttpContext.Response;
        await response.WriteAsync("first", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        await gates.PassAsync(key, cancellationToken);
        await response.WriteAsync(" last", cancellationToken);
    }

    [Function("results_large")]
    public async Task Large([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "results/large/{blocks:int}")] HttpRequest request, string blocks, CancellationToken cancellationToken)
    {
        var response = request.HttpContext.Response;
        var before = Environment.WorkingSet;
        var most = before;
        for (var i = 0; i < int.Parse(blocks, System.Globalization.CultureInfo.InvariantCulture); i++)
        {
            await response.Body.WriteAsync(Block, cancellationToken);
            if (i % 64 == 0)
                most = Math.Max(most, Environment.WorkingSet);
        }

        await response.WriteAsync($"growth={most - before}", cancellationToken);
    }
}
