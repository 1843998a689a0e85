using DataPlatform.Local.Runtime.Functions;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>Refuses HTTP functions that the official host would break on, and builds the routes of the others.</summary>
internal sealed class HttpFunctionValidator(
    HostJson host,
    HttpRoutes routes,
    IInlineConstraintResolver constraints,
    IServiceProviderIsService services) : IFunctionValidator
{
    public void Validate(FunctionCatalog catalog, StartErrors errors)
    {
        var valid = new List<HttpRoute>();
        var integrated = services.IsService(typeof(HttpFunctionsMarker));
        foreach (var function in catalog.Of(TriggerKind.Http))
        {
            if (!integrated)
            {
                errors.Add(
                    function.Name,
                    "the app does not use ASP.NET Core",
                    "call builder.ConfigureFunctionsWebApplication() in Program.cs");
            }

            CheckSignature(function, errors);
            if (RouteFor(function, errors) is { } route)
            {
                valid.Add(route);
            }
        }

        CheckPairs(valid, errors);
        routes.Set(valid);
    }

    private static void CheckSignature(FunctionDescriptor function, StartErrors errors)
    {
        var result = Awaiter.ResultType(function.Method.ReturnType);
        if (result != typeof(void) && !typeof(IActionResult).IsAssignableFrom(result) && !typeof(IResult).IsAssignableFrom(result))
        {
            errors.Add(
                function.Name,
                $"it returns {result.Name}, which the official host answers with 200 and an empty body",
                "return IActionResult or IResult, or write to the response");
        }

        if (function.TriggerParameter.ParameterType != typeof(HttpRequest))
        {
            errors.Add(
                function.Name,
                $"its trigger parameter is {function.TriggerParameter.ParameterType.Name}",
                "take Microsoft.AspNetCore.Http.HttpRequest");
        }

        if (function.Retry is not null)
        {
            errors.Add(function.Name, "HTTP functions are not retried", "remove the retry attribute");
        }

        var names = HttpRoute.ParameterNames(function);
        foreach (var parameter in function.Parameters.Where(p => names.Contains(p.Name!) && p.ParameterType != typeof(string)))
        {
            errors.Add(
                function.Name,
                $"route parameter '{parameter.Name}' is {parameter.ParameterType.Name}, and a value that does not convert gives 500",
                "take it as a string and parse it");
        }
    }

    private HttpRoute? RouteFor(FunctionDescriptor function, StartErrors errors)
    {
        var route = HttpRoute.RouteOf(function);
        if (string.IsNullOrWhiteSpace(route))
        {
            errors.Add(
                function.Name,
                "its route is empty, which the official host and worker read differently",
                "for the site's root write Route = \"{root:regex(^$)?}\"");
            return null;
        }

        if (route[0] == '/')
        {
            errors.Add(
                function.Name,
                $"its route '{route}' starts with '/', which breaks every HTTP function of the official host",
                "leave the slash out; for the site's root write Route = \"{root:regex(^$)?}\"");
            return null;
        }

        if (route.StartsWith("admin", StringComparison.OrdinalIgnoreCase) || route.StartsWith("runtime/webhooks", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(
                function.Name,
                $"its route '{route}' belongs to the host",
                "choose one that does not start with 'admin' or 'runtime/webhooks'");
            return null;
        }

        try
        {
            return new HttpRoute(function, host.RoutePrefix, constraints);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            errors.Add(function.Name, $"its route '{route}' is not a route template ({exception.Message.TrimEnd('.')})", "correct it");
            return null;
        }
    }

    private static void CheckPairs(List<HttpRoute> routes, StartErrors errors)
    {
        for (var i = 0; i < routes.Count; i++)
        {
            for (var j = i + 1; j < routes.Count; j++)
            {
                if (routes[i].Shape == routes[j].Shape && routes[i].SharesMethod(routes[j]))
                {
                    errors.Add(
                        routes[j].Function.Name,
                        $"its route '{routes[j].Template}' is the same as that of {routes[i].Function.Name}, with a common method; the official host hangs on it",
                        "change the route or the methods of one of them");
                }
            }
        }
    }
}
