using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Template;

namespace DataPlatform.App.Gateway;

/// <summary>An HTTP function as the gateway sees it: the address and methods of its trigger, and what its route declares.</summary>
public sealed class ApiRoute
{
    /// <summary>How a route for the site's root alone is written: hosts refuse the plain slash.</summary>
    public const string Root = "{root:regex(^$)?}";

    private readonly TemplateMatcher _matcher;

    public ApiRoute(string function, string template, IReadOnlyList<string> methods, ApiRouteAttribute declaration)
    {
        Function = function;
        Template = TemplateParser.Parse(template);
        Methods = [.. methods.Select(method => method.ToUpperInvariant())];
        Declaration = declaration;
        _matcher = new TemplateMatcher(Template, []);
    }

    public string Function { get; }

    public RouteTemplate Template { get; }

    /// <summary>In upper case; empty is all.</summary>
    public IReadOnlyList<string> Methods { get; }

    public ApiRouteAttribute Declaration { get; }

    public bool IsPublic => Declaration.Scope == ApiRouteAttribute.Public;

    /// <summary>The last resort, which matches every address.</summary>
    public bool IsCatchAll => Template.Segments is [{ Parts: [{ IsCatchAll: true }] }];

    public bool Matches(PathString path) => Template.TemplateText == Root ? path.Value is null or "" or "/" : _matcher.TryMatch(path, []);
}
