using System.Collections.Immutable;
using System.Collections.ObjectModel;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>One HTTP function's route. Matches with the same template classes as the official host.</summary>
internal sealed class HttpRoute
{
    private readonly RouteTemplate _template;
    private readonly TemplateMatcher _matcher;
    private readonly ReadOnlyDictionary<string, IRouteConstraint> _constraints;
    private readonly HashSet<string>? _methods;

    /// <exception cref="ArgumentException">The template is malformed.</exception>
    /// <exception cref="InvalidOperationException">A constraint is unknown.</exception>
    public HttpRoute(FunctionDescriptor function, string prefix, IInlineConstraintResolver resolver)
    {
        Function = function;
        Template = prefix.Length == 0 ? RouteOf(function) : $"{prefix}/{RouteOf(function)}";
        var template = _template = TemplateParser.Parse(Template);

        // The official worker parses it a second time, by newer rules.
        Pattern = RoutePatternFactory.Parse(Template);
        var defaults = new RouteValueDictionary();
        var constraints = new RouteConstraintBuilder(resolver, Template);
        foreach (var parameter in template.Parameters)
        {
            if (parameter.DefaultValue is not null)
            {
                defaults.Add(parameter.Name!, parameter.DefaultValue);
            }

            if (parameter.IsOptional)
            {
                constraints.SetOptional(parameter.Name!);
            }

            foreach (var constraint in parameter.InlineConstraints)
            {
                constraints.AddResolvedConstraint(parameter.Name!, constraint.Constraint);
            }
        }

        _matcher = new TemplateMatcher(template, defaults);
        _constraints = constraints.Build().AsReadOnly();
        Methods = Trigger(function).Methods is { Length: > 0 } methods ? methods : [];
        _methods = Methods.Count == 0 ? null : new HashSet<string>(Methods, StringComparer.OrdinalIgnoreCase);
        Shape = ShapeOf(template);
    }

    public FunctionDescriptor Function { get; }

    public string Template { get; }

    /// <summary>The template as the worker understands it.</summary>
    public RoutePattern Pattern { get; }

    /// <summary>How specific it is to the worker: the lower the more.</summary>
    public decimal Precedence => RoutePrecedence.ComputeInbound(_template);

    /// <summary>The methods it answers; empty is all.</summary>
    public IReadOnlyList<string> Methods { get; }

    public bool TakesAllMethods => _methods is null;

    /// <summary>The template without the parameters' names and in lower case: two routes with one shape match the same URLs.</summary>
    public string Shape { get; }

    public bool SharesMethod(HttpRoute other) =>
        _methods is null || other._methods is null || _methods.Overlaps(other._methods);

    /// <returns>The route values, or null when the request is not for this route.</returns>
    public RouteValueDictionary? Match(HttpContext http)
    {
        if (_methods is not null && !_methods.Contains(http.Request.Method))
        {
            return null;
        }

        return MatchPath(http.Request.Path, http);
    }

    /// <returns>As <see cref="Match"/>, whatever the method.</returns>
    public RouteValueDictionary? MatchPath(PathString path, HttpContext? http = null)
    {
        var values = new RouteValueDictionary();
        if (!_matcher.TryMatch(path, values))
        {
            return null;
        }

        foreach (var (name, constraint) in _constraints)
        {
            if (!constraint.Match(http, route: null, name, values, RouteDirection.IncomingRequest))
            {
                return null;
            }
        }

        return values;
    }

    /// <summary>Whether a value could stand in one segment, whatever stands in the others.</summary>
    public bool FitsSegment(int index, string value)
    {
        if (index >= _template.Segments.Count)
        {
            return false;
        }

        var parts = _template.Segments[index].Parts;
        if (parts is not [var part])
        {
            return true;
        }

        return part.IsParameter
            ? !_constraints.TryGetValue(part.Name!, out var constraint) ||
                constraint.Match(null, null, part.Name!, new RouteValueDictionary { [part.Name!] = value }, RouteDirection.IncomingRequest)
            : string.Equals(part.Text, value, StringComparison.OrdinalIgnoreCase);
    }

    public static HttpTriggerAttribute Trigger(FunctionDescriptor function) => (HttpTriggerAttribute)function.TriggerAttribute;

    public static string RouteOf(FunctionDescriptor function) => Trigger(function).Route ?? function.Name;

    /// <summary>The names of the route's parameters; none when the template is malformed, which is reported elsewhere.</summary>
    public static IReadOnlySet<string> ParameterNames(FunctionDescriptor function)
    {
        try
        {
            return TemplateParser.Parse(RouteOf(function)).Parameters.Select(p => p.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        }
        catch (ArgumentException)
        {
            return ImmutableHashSet<string>.Empty;
        }
    }

    private static string ShapeOf(RouteTemplate template) =>
        string.Join('/', template.Segments.Select(segment => string.Concat(segment.Parts.Select(ShapeOf))));

    private static string ShapeOf(TemplatePart part) => part.IsParameter
        ? $"{{{(part.IsCatchAll ? "*" : "")}{string.Concat(part.InlineConstraints.Select(c => ":" + c.Constraint))}{(part.IsOptional ? "?" : "")}}}"
        : part.Text!.ToLowerInvariant();
}
