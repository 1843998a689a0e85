using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>The routes of all HTTP functions, in the official host's order: by function name, ignoring case.</summary>
internal sealed class HttpRoutes
{
    private IReadOnlyList<HttpRoute> _routes = [];

    /// <summary>Sets the routes; called once, before the host starts.</summary>
    public void Set(IReadOnlyList<HttpRoute> routes) => _routes = routes;

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
