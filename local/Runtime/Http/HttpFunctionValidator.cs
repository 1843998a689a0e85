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
    private static readonly string[] HostPaths = ["admin", "runtime"];

    private static readonly string[] CommonMethods =
    [
        HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options,
        HttpMethods.Trace, HttpMethods.Connect,
    ];

    public void Validate(FunctionCatalog catalog, StartErrors errors)
    {
        var valid = new List<HttpRoute>();
        var integrated = services.IsService(typeof(HttpFunctionsMarker));
        foreach (var function in catalog.All.Where(f => f.Trigger == TriggerKind.Http))
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
                foreach (var method in route.Methods.Except(CommonMethods, StringComparer.OrdinalIgnoreCase))
                {
                    errors.Warn($"Function {function.Name}: '{method}' is no common HTTP method{Suggestion.For(method, CommonMethods)}.");
                }
            }
        }

        RouteConflicts.Check(valid, errors);
        routes.Set(valid, catalog.Disabled);
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

        if (route[0] is '/' or '~')
        {
            errors.Add(
                function.Name,
                $"its route '{route}' starts with '{route[0]}', which breaks every HTTP function of the official host",
                "leave it out; for the site's root write Route = \"{root:regex(^$)?}\"");
            return null;
        }

        // The official host looks at the letters, not at whole segments.
        if (HostPaths.Any(path => route.StartsWith(path, StringComparison.OrdinalIgnoreCase)))
        {
            errors.Add(
                function.Name,
                $"its route '{route}' belongs to the host",
                "choose one that does not start with 'admin' or 'runtime'");
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
}
