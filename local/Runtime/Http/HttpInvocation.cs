using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>The step that gives HTTP functions their <c>HttpContext</c> and writes their result.</summary>
internal static class HttpInvocation
{
    /// <summary>The key in <c>FunctionContext.Items</c>, as the official worker has it.</summary>
    public const string HttpContextKey = "HttpRequestContext";

    public static FunctionExecutionDelegate Middleware(FunctionExecutionDelegate next) => async context =>
    {
        var state = InvocationState.Of(context);
        if (state.Invocation.HttpContext is not { } http)
        {
            await next(context);
            return;
        }

        context.Items[HttpContextKey] = http;
        await next(context);
        switch (state.Result)
        {
            case IActionResult result:
                await result.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor()));
                break;
            case IResult result:
                await result.ExecuteAsync(http);
                break;
            default:
                // Written by hand, or by middleware. Any other value is ignored, as the official host does.
                break;
        }
    };
}
