using System.Collections.Immutable;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>The routes of all HTTP functions, in the official host's order: by function name, ignoring case.</summary>
internal sealed class HttpRoutes
{
    private IReadOnlyList<HttpRoute> _routes = [];
    private IReadOnlySet<FunctionDescriptor> _disabled = ImmutableHashSet<FunctionDescriptor>.Empty;

    /// <summary>Sets the routes; called once, before the host starts.</summary>
    /// <param name="disabled">Functions whose routes match but answer 404.</param>
    public void Set(IReadOnlyList<HttpRoute> routes, IEnumerable<FunctionDescriptor> disabled)
    {
        _routes = routes;
        _disabled = disabled.ToHashSet();
    }

    public bool IsDisabled(HttpRoute route) => _disabled.Contains(route.Function);

    /// <summary>The first route that matches, with its values.</summary>
    public (HttpRoute Route, RouteValueDictionary Values)? Find(HttpContext http)
    {
        foreach (var route in _routes)
        {
            if (route.Match(http) is { } values)
            {
                return (route, values);
            }
        }

        return null;
    }
}
