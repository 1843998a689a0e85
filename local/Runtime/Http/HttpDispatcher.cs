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
    HostAnswers host,
    TimeProvider clock,
    ILogger<HttpDispatcher> logger)
{
    /// <summary>As the official host's forwarding to its worker has it.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(4);

    /// <summary>How long a function may take to answer when its time is up; then its worker would be gone.</summary>
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(10);

    private const string InvocationHeader = "x-ms-invocation-id";
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
        catch (FunctionTimeoutException exception)
        {
            if (!exception.MayAnswer || !await AnswersAsync(exception.Run))
            {
                Fail(http, exception);
                await EndAsync(http, exception.Run);
            }
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

        if (HostAnswers.TryAnswer(http))
        {
            return Task.CompletedTask;
        }

        if (routes.Find(http) is not var (found, values))
        {
            return host.NotFoundAsync(http);
        }

        if (routes.IsDisabled(found))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        // The official host leaves a client's id in place, and its worker then waits in vain for the invocation of that id.
        if (http.Request.Headers.ContainsKey(InvocationHeader))
        {
            Log.InvocationIdFromClient(logger, found.Function.Name);
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
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

    private async Task InvokeAsync(HttpContext http, FunctionDescriptor function, RouteValueDictionary values)
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
        using var watch = new IdleWatch(http, IdleLimit, clock);
        http.Request.Body = new RequestBody(http.Request.Body, watch);
        var invocation = new Invocation(function, http.Request)
        {
            HttpContext = http,
            Services = http.RequestServices,
            BindingData = values,
            TraceParent = headers.TraceParent.ToString(),
            TraceState = headers.TraceState.ToString(),
        };
        var run = invoker.InvokeAsync(invocation, watch.Token);
        try
        {
            await run.WaitAsync(watch.Token);
        }
        catch (OperationCanceledException) when (watch.IsOver)
        {
            Log.Silent(logger, function.Name, IdleLimit);
            throw new FunctionTimeoutException(function.Name, IdleLimit, run, mayAnswer: false);
        }
        catch (OperationCanceledException) when (!run.IsCompleted)
        {
            // The client is gone; the function has been told, and the request is its own until it ends.
            await run;
        }
    }

    // As the official host: 500 without a body but with the headers set so far, or an aborted connection when bytes are already out.
    private void Fail(HttpContext http, Exception exception)
    {
        Log.RequestFailed(logger, exception, http.Request.Method, http.Request.Path);
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.ContentLength = null;
        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        if (exception is FunctionTimeoutException)
        {
            http.Response.Headers.Connection = "close";
        }
    }

    // As on the official host: a function that heeds its token may still say why.
    private async Task<bool> AnswersAsync(Task run)
    {
        try
        {
            await run.WaitAsync(AnswerGrace, clock);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }

        return true;
    }

    // The client has its answer; the function, which did not stop, may still hold the request, so that it is not given to another.
    private static async Task EndAsync(HttpContext http, Task run)
    {
        if (!http.RequestAborted.IsCancellationRequested)
        {
            await http.Response.CompleteAsync();
        }

        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
