using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>Takes a request to its function and settles what the function left open.</summary>
internal sealed class HttpDispatcher(
    HttpRoutes routes,
    IEnumerable<BuiltInRoute> builtIn,
    FunctionInvoker invoker,
    RequestLimit limit,
    ILogger<HttpDispatcher> logger)
{
    private static readonly string[] HostPaths = ["/admin", "/runtime"];
    private static readonly string[] ForwardedHeaders =
        ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Original-For", "X-Original-Host", "X-Original-Proto"];

    private readonly BuiltInRoute[] _builtIn = [.. builtIn];

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await RouteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            Log.ClientGone(logger, http.Request.Method, http.Request.Path);
        }
        catch (Exception exception)
        {
            Fail(http, exception);
        }
    }

    private Task RouteAsync(HttpContext http)
    {
        var path = http.Request.Path;
        foreach (var route in _builtIn)
        {
            if (path.StartsWithSegments(route.Prefix, StringComparison.OrdinalIgnoreCase))
            {
                return route.Handler(http);
            }
        }

        if (HostPaths.Any(p => path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase)) || routes.Find(http) is not var (found, values))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        // The official host reads such a body before it calls the worker, and fails on it.
        if (http.Request.ContentLength > limit.Bytes)
        {
            Log.BodyTooLarge(logger, found.Function.Name, http.Request.ContentLength.Value, limit.Bytes);
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        }

        return InvokeAsync(http, found.Function, values);
    }

    private Task<object?> InvokeAsync(HttpContext http, FunctionDescriptor function, RouteValueDictionary values)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { } size)
        {
            http.Features.Set<IHttpMaxRequestBodySizeFeature>(new CappedBodySize(size, limit.Bytes));
        }

        var headers = http.Request.Headers;
        foreach (var name in ForwardedHeaders)
        {
            headers.Remove(name);
        }

        http.Request.RouteValues = values;
        var invocation = new Invocation(function, http.Request)
        {
            HttpContext = http,
            Services = http.RequestServices,
            BindingData = values,
            TraceParent = headers.TraceParent.ToString(),
            TraceState = headers.TraceState.ToString(),
        };
        return invoker.InvokeAsync(invocation, http.RequestAborted);
    }

    // As the official host: 500 without a body, or an aborted connection when bytes are already out.
    private void Fail(HttpContext http, Exception exception)
    {
        Log.RequestFailed(logger, exception, http.Request.Method, http.Request.Path);
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.Clear();
        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
    }
}
