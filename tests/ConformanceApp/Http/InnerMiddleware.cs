using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace DataPlatform.ConformanceApp.Http;

/// <summary>Registered second.</summary>
public sealed class InnerMiddleware : IFunctionsWorkerMiddleware
{
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        context.Items[OuterMiddleware.OrderItem] += ", inner";
        return next(context);
    }
}
