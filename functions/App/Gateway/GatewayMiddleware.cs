using DataPlatform.Failures;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace DataPlatform.App.Gateway;

/// <summary>
/// The outermost middleware: request id, caller, scope, body limit, then the function and its result; whatever is thrown on the way
/// becomes the one error document, because the hosts would answer 500 without a body.
/// </summary>
internal sealed class GatewayMiddleware(ApiRoutes routes, ApiKeys keys, DashboardLinks links, BodyLimits limits, ErrorWriter errors) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is not { } http)
        {
            await next(context);
            return;
        }

        try
        {
            RequestId.Set(http);
            Admit(http, routes.Of(context.FunctionDefinition.Name));
            await next(context);
            await AnswerAsync(context, http);
        }
        catch (Exception exception)
        {
            context.GetInvocationResult().Value = null;
            if (!await errors.TryWriteAsync(http, exception))
                throw;
        }
    }

    private void Admit(HttpContext http, ApiRoute route)
    {
        if (!route.IsPublic)
        {
            var caller = (route.Declaration.Linked ? links.Authenticate(http) : null) ?? keys.Authenticate(http.Request);
            var scope = ScopeMatcher.Fill(route.Declaration.Scope, http.Request.RouteValues);
            if (scope != ApiRouteAttribute.Authenticated && !caller.Has(scope))
                throw new TerminalException(FailureKind.Forbidden, "ScopeMissing", $"Your key lacks the scope '{scope}'.", "scope");
            Caller.Set(http, caller);
        }

        limits.Apply(http.Request, route.Declaration.Body);
    }

    /// <summary>Writes the function's result here instead of leaving it to the host, so that what it throws is caught.</summary>
    private static Task AnswerAsync(FunctionContext context, HttpContext http)
    {
        var invocation = context.GetInvocationResult();
        var result = invocation.Value;
        invocation.Value = null;
        return result switch
        {
            IResult answer => answer.ExecuteAsync(http),
            IActionResult action => action.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor())),
            _ => Task.CompletedTask,
        };
    }
}
