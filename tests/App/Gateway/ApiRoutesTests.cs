using DataPlatform.App.Gateway;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Tests.Gateway;

public sealed class ApiRoutesTests
{
    private static readonly ApiRoutes App = new(typeof(ApiRoutes).Assembly.GetExportedTypes());

    /// <summary>Hosts take the first match in the order of function names, so names must put the more specific route first.</summary>
    [Fact]
    public void Of_two_routes_for_one_address_the_more_specific_has_the_lower_name()
    {
        var ordered = App.All.OrderBy(route => route.Function, StringComparer.OrdinalIgnoreCase).ToList();
        var wrong =
            from i in Enumerable.Range(0, ordered.Count)
            from j in Enumerable.Range(i + 1, ordered.Count - i - 1)
            let first = ordered[i]
            let second = ordered[j]
            where ShareMethod(first, second) && Overlap(first.Template, second.Template) && Specificity(first, second) > 0
            select $"{first.Function} ({first.Template.TemplateText}) hides {second.Function} ({second.Template.TemplateText})";

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_catch_all_sorts_last() =>
        Assert.True(App.All.MaxBy(route => route.Function, StringComparer.OrdinalIgnoreCase)!.IsCatchAll);

    [Theory]
    [InlineData("a/{x}", "a/b", true)]
    [InlineData("a/b", "a/{x}", false)]
    [InlineData("{x}/b", "a/{x}", true)]
    [InlineData("{*x}", "a", true)]
    public void The_order_test_sees_what_hides(string first, string second, bool hides)
    {
        var (a, b) = (Route("a", first), Route("b", second));
        Assert.True(Overlap(a.Template, b.Template));
        Assert.Equal(hides, Specificity(a, b) > 0);
    }

    [Theory]
    [InlineData("a/{x}", "a/{x}/c")]
    [InlineData("a/b", "a/c")]
    public void The_order_test_leaves_others_alone(string first, string second) =>
        Assert.False(Overlap(Route("a", first).Template, Route("b", second).Template));

    [Fact]
    public void Only_probes_pages_signed_addresses_and_the_last_resort_are_public() =>
        Assert.Equal(["HealthLive", "HealthReady", "PageAsset", "PageDashboard", "PageDashboards", "PageEmbed", "PageHome", "UploadBodyGet", "UploadBodyPut", "zNotFound"], App.All.Where(route => route.IsPublic).Select(route => route.Function).Order(StringComparer.OrdinalIgnoreCase));

    [Fact]
    public void Functions_without_a_scope_or_with_one_their_route_cannot_fill_are_all_told()
    {
        var exception = Assert.Throws<InvalidOperationException>(() => new ApiRoutes([typeof(Undeclared)]));

        Assert.Contains("\n  NoScope: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("\n  OtherParameter: ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Fine", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_is_known_by_its_methods()
    {
        Assert.Equal(["DELETE", "GET", "PUT"], App.MethodsOf("/api/v1/datasets/flights"));
        Assert.Equal(["DELETE", "GET", "PUT"], App.MethodsOf("/API/v1/Datasets/flights/"));
        Assert.Empty(App.MethodsOf("/api/v1/nothing/at/all/here"));
    }

    public sealed class Undeclared
    {
        [Function("NoScope")]
        public IResult NoScope([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "a")] HttpRequest request) => Results.Ok();

        [Function("OtherParameter")]
        [ApiRoute("read:{other}")]
        public IResult Other([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "b/{x}")] HttpRequest request, string x) => Results.Ok();

        [Function("Fine")]
        [ApiRoute("read:{x}")]
        public IResult Fine([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "c/{x}")] HttpRequest request, string x) => Results.Ok();
    }

    private static ApiRoute Route(string name, string template) => new(name, template, ["get"], new ApiRouteAttribute("public"));

    private static bool ShareMethod(ApiRoute a, ApiRoute b) => a.Methods.Count == 0 || b.Methods.Count == 0 || a.Methods.Intersect(b.Methods).Any();

    private static bool Overlap(RouteTemplate a, RouteTemplate b)
    {
        for (var i = 0; ; i++)
        {
            if (IsCatchAll(a, i) || IsCatchAll(b, i))
                return true;
            if (i >= a.Segments.Count || i >= b.Segments.Count)
                return a.Segments.Count == b.Segments.Count;
            if (Literal(a, i) is { } left && Literal(b, i) is { } right && !string.Equals(left, right, StringComparison.OrdinalIgnoreCase))
                return false;
        }
    }

    /// <summary>Above 0 when the second is the more specific: at the first segment where they differ, a literal is above a parameter, a
    /// parameter above a catch-all.</summary>
    private static int Specificity(ApiRoute first, ApiRoute second)
    {
        for (var i = 0; i < Math.Max(first.Template.Segments.Count, second.Template.Segments.Count); i++)
        {
            var (a, b) = (Rank(first.Template, i), Rank(second.Template, i));
            if (a != b)
                return a - b;
        }

        return 0;
    }

    private static int Rank(RouteTemplate template, int segment) =>
        IsCatchAll(template, segment) ? 3 : segment >= template.Segments.Count ? 2 : Literal(template, segment) is null ? 1 : 0;

    private static bool IsCatchAll(RouteTemplate template, int segment) =>
        segment < template.Segments.Count && template.Segments[segment].Parts.Any(part => part.IsCatchAll);

    private static string? Literal(RouteTemplate template, int segment) =>
        segment < template.Segments.Count && template.Segments[segment] is { IsSimple: true, Parts: [{ IsLiteral: true } part] } ? part.Text : null;
}
