using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>What the official host answers itself: its management addresses, which ask for a key that the local runtime does not have, and the
/// home page where no function takes <c>/</c>.</summary>
internal sealed class HostAnswers(IConfiguration settings)
{
    private const string Ping = "admin/host/ping";

    /// <summary>Methods and template of each address. With another method the request goes on to the functions.</summary>
    private static readonly (string Methods, string Template)[] Addresses =
    [
        ("GET POST", Ping),
        ("GET", "admin/host/{part:regex(^(status|processes|config|extensions|keys|functionkeys|systemkeys)$)}"),
        ("POST", "admin/host/{part:regex(^(drain|resume|log|debug|synctriggers|restart|extensions)$)}"),
        ("PUT", "admin/host/{part:regex(^(state|extensions)$)}"),
        ("GET", "admin/host/drain/status"),
        ("POST", "admin/host/scale/status"),
        ("GET", "admin/host/extensions/jobs/{id?}"),
        ("DELETE", "admin/host/extensions/{id}"),
        ("GET", "admin/host/extensionBundle/v1/{part}"),
        ("GET POST PUT DELETE", "admin/host/{keys:regex(^(keys|functionkeys|systemkeys)$)}/{name}"),
        ("GET", "admin/functions"),
        ("GET POST PUT DELETE", "admin/functions/{name}"),
        ("GET", "admin/functions/{name}/{part:regex(^(status|keys)$)}"),
        ("GET POST PUT DELETE", "admin/functions/{name}/keys/{key}"),
        ("GET", "admin/instance/info"),
        ("POST", "admin/instance/assign"),
        ("POST", "admin/pod/assign"),
        ("GET PUT POST DELETE OPTIONS", "runtime/webhooks/{extension}/{*rest}"),
    ];

    private static readonly Lazy<HostAddress[]> Known = new(() => [.. Addresses.Select(a => new HostAddress(a.Methods, a.Template))]);

    private readonly bool _homePage = !string.Equals(settings["AzureWebJobsDisableHomepage"], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Answers a management address, whatever functions there are.</summary>
    /// <returns>False when the request is for none.</returns>
    public static bool TryAnswer(HttpContext http)
    {
        var path = http.Request.Path;
        if (!path.StartsWithSegments("/admin", StringComparison.OrdinalIgnoreCase) && !path.StartsWithSegments("/runtime", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // The files of the app; without the challenge of the others.
        if (path.StartsWithSegments("/admin/vfs", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return true;
        }

        if (Known.Value.FirstOrDefault(address => address.Matches(http)) is not { } found)
        {
            return false;
        }

        if (found.Template == Ping)
        {
            http.Response.Headers.CacheControl = "no-store,no-cache";
            http.Response.Headers.Pragma = "no-cache";
            return true;
        }

        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers.WWWAuthenticate = "Bearer";
        return true;
    }

    /// <summary>Answers what no function takes.</summary>
    public Task NotFoundAsync(HttpContext http)
    {
        var isHome = http.Request.Path == "/";
        if (isHome && _homePage)
        {
            http.Response.ContentType = "text/html";
            return http.Response.WriteAsync("<!DOCTYPE html><title>Functions</title><p>The app is up and running. No function takes this address.", http.RequestAborted);
        }

        var isWarmUp = string.Equals(http.Request.Path, "/admin/warmup", StringComparison.OrdinalIgnoreCase);
        http.Response.StatusCode = isHome ? StatusCodes.Status204NoContent : isWarmUp ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private sealed class HostAddress
    {
        private readonly string[] _methods;
        private readonly TemplateMatcher _matcher;
        private readonly (string Name, IRouteConstraint Constraint)[] _constraints;

        public HostAddress(string methods, string template)
        {
            Template = template;
            _methods = methods.Split(' ');
            var parsed = TemplateParser.Parse(template);
            _matcher = new TemplateMatcher(parsed, []);
            _constraints =
            [
                .. parsed.Parameters.SelectMany(p => p.InlineConstraints.Select(c =>
                    (p.Name!, (IRouteConstraint)new Microsoft.AspNetCore.Routing.Constraints.RegexRouteConstraint(c.Constraint["regex(".Length..^1])))),
            ];
        }

        public string Template { get; }

        public bool Matches(HttpContext http)
        {
            var values = new RouteValueDictionary();
            return _methods.Contains(http.Request.Method, StringComparer.OrdinalIgnoreCase) &&
                _matcher.TryMatch(http.Request.Path, values) &&
                _constraints.All(c => c.Constraint.Match(http, null, c.Name, values, RouteDirection.IncomingRequest));
        }
    }
}
