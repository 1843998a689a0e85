using DataPlatform.ConformanceApp.Observing;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.ConformanceApp.Http;

/// <summary>What a function learns of its invocation.</summary>
public sealed class ContextFunctions(Observations observations)
{
    [Function("context_read")]
    public IResult Read(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "context/{part}")] HttpRequest request,
        string part,
        FunctionContext context,
        CancellationToken cancellationToken) =>
        Results.Json(new ContextSeen(
            context.InvocationId,
            context.FunctionId,
            context.FunctionDefinition.Name,
            context.TraceContext.TraceParent,
            context.Items[OuterMiddleware.OrderItem] as string,
            ReferenceEquals(context.GetHttpContext(), request.HttpContext),
            cancellationToken == context.CancellationToken,
            [.. context.BindingContext.BindingData.Keys],
            [.. request.Headers.Keys]));

    [Function("context_fails")]
    public IResult Fails([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "context-fails")] HttpRequest request) =>
        throw new InvalidOperationException("thrown by the function");

    /// <summary>Waits until its token fires, and notes that.</summary>
    [Function("context_waits")]
    public async Task<IResult> Waits(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "context-waits/{key}")] HttpRequest request, string key, CancellationToken cancellationToken)
    {
        observations.Add(key, "began");
        try
        {
            await Task.Delay(TimeSpan.FromMinutes(2), cancellationToken);
            observations.Add(key, "nothing");
        }
        catch (OperationCanceledException)
        {
            observations.Add(key, "canceled");
            throw;
        }

        return Results.NoContent();
    }

    /// <summary>Switched off by the setting <c>AzureWebJobs.settings_disabled.Disabled</c>.</summary>
    [Function("settings_disabled")]
    public IResult Disabled([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "settings-disabled")] HttpRequest request) => Results.Ok();
}
