using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace DataPlatform.ConformanceApp.Http;

/// <summary>Registered first. Does what the request's <c>x-do</c> header says.</summary>
public sealed class OuterMiddleware : IFunctionsWorkerMiddleware
{
    public const string OrderItem = "order";

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        context.Items[OrderItem] = "outer";
        if (context.GetHttpContext() is not { } http)
        {
            await next(context);
            return;
        }

        switch (http.Request.Headers["x-do"].ToString())
        {
            case "write":
                http.Response.StatusCode = StatusCodes.Status403Forbidden;
                await http.Response.WriteAsync("stopped", context.CancellationToken);
                break;
            case "status":
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                break;
            case "replace":
                await next(context);
                context.GetInvocationResult().Value = Results.Text("replaced", statusCode: StatusCodes.Status202Accepted);
                break;
            case "header-after":
                await next(context);
                http.Response.Headers["x-after"] = "set";
                break;
            case "throw":
                throw new InvalidOperationException("the secret");
            case "catch":
                try
                {
                    await next(context);
                }
                catch (Exception exception)
                {
                    http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                    await http.Response.WriteAsync(exception.Message, context.CancellationToken);
                }

                break;
            default:
                await next(context);
                break;
        }
    }
}
