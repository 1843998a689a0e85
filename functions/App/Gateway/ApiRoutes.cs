using System.Reflection;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Gateway;

/// <summary>All HTTP functions of the app. Made once, at start, from what stands on the functions.</summary>
public sealed class ApiRoutes
{
    private readonly Dictionary<string, ApiRoute> _byFunction = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="InvalidOperationException">Lists each function that declares no scope, or one of a parameter its route lacks.</exception>
    public ApiRoutes(IEnumerable<Type> types)
    {
        var mistakes = new List<string>();
        foreach (var method in types.SelectMany(type => type.GetMethods()))
        {
            if (method.GetCustomAttribute<FunctionAttribute>()?.Name is { } name && TriggerOf(method) is { } trigger)
                Add(name, trigger, method.GetCustomAttribute<ApiRouteAttribute>(), mistakes);
        }

        if (mistakes.Count > 0)
            throw new InvalidOperationException($"The routes of these functions are not usable:{string.Concat(mistakes.Select(mistake => $"\n  {mistake}"))}");
    }

    public IReadOnlyCollection<ApiRoute> All => _byFunction.Values;

    /// <summary>The route of a function, by its name.</summary>
    public ApiRoute Of(string function) => _byFunction[function];

    /// <summary>The methods that an address is known with; none when it is not known.</summary>
    public IReadOnlyList<string> MethodsOf(PathString path) =>
        [.. All.Where(route => !route.IsCatchAll && route.Matches(path)).SelectMany(route => route.Methods).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Whether CloudEvents may be delivered to an address.</summary>
    public bool TakesEvents(PathString path) => All.Any(route => route.Declaration.Webhook && route.Matches(path));

    private static HttpTriggerAttribute? TriggerOf(MethodInfo method) =>
        method.GetParameters().Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(trigger => trigger is not null);

    private void Add(string name, HttpTriggerAttribute trigger, ApiRouteAttribute? declaration, List<string> mistakes)
    {
        if (declaration is null)
        {
            mistakes.Add($"{name}: it declares no scope. Add [ApiRoute(\"verb:thing\")], or [ApiRoute(ApiRouteAttribute.Public)].");
            return;
        }

        var route = new ApiRoute(name, trigger.Route ?? name, trigger.Methods ?? [], declaration);
        var lacking = ScopeMatcher.Parameters(declaration.Scope).Except(route.Template.Parameters.Select(parameter => parameter.Name!)).ToList();
        if (lacking.Count > 0)
            mistakes.Add($"{name}: its scope '{declaration.Scope}' speaks of {string.Join(", ", lacking)}, which its route '{trigger.Route}' lacks.");
        _byFunction[name] = route;
    }
}
