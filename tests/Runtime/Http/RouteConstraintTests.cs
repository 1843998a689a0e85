using DataPlatform.Local.Runtime.Functions;
using DataPlatform.Local.Runtime.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Tests.Http;

public sealed class RouteConstraintTests
{
    public sealed class Functions
    {
        public void Run(HttpRequest request) => _ = request;
    }

    [Theory]
    [InlineData("int", "/-12", "/1.5")]
    [InlineData("long", "/12345678901", "/x")]
    [InlineData("bool", "/TRUE", "/1")]
    [InlineData("datetime", "/2026-01-02", "/yesterday")]
    [InlineData("decimal", "/1.5", "/x")]
    [InlineData("double", "/1e3", "/x")]
    [InlineData("float", "/1e3", "/x")]
    [InlineData("guid", "/CD2C1638-1638-72D5-1638-DEADBEEF1638", "/CD2C")]
    [InlineData("minlength(3)", "/abc", "/ab")]
    [InlineData("maxlength(3)", "/abc", "/abcd")]
    [InlineData("length(3)", "/abc", "/ab")]
    [InlineData("length(2,3)", "/ab", "/a")]
    [InlineData("min(5)", "/5", "/4")]
    [InlineData("max(5)", "/5", "/6")]
    [InlineData("range(5,6)", "/6", "/7")]
    [InlineData("alpha", "/abc", "/a1")]
    [InlineData("regex(^\\d{{2}}$)", "/12", "/123")]
    [InlineData("required", "/x", "/")]
    [InlineData("file", "/a.csv", "/a")]
    [InlineData("nonfile", "/a", "/a.csv")]
    [InlineData("int:min(5)", "/5", "/4")]
    public void A_constraint_decides_whether_a_route_matches(string constraint, string matching, string other)
    {
        var route = Route($"{{x:{constraint}}}");
        Assert.Equal(matching[1..], Assert.Single(route.MatchPath(matching)!).Value);
        Assert.Null(route.MatchPath(other));
    }

    [Theory]
    [InlineData("a/{x?}", "/a/", "")]
    [InlineData("a/{x=d}/{y=e}", "/a", "x=d y=e")]
    [InlineData("a/{x=d}/{y=e}", "/a/1", "x=1 y=e")]
    [InlineData("a/{x:int=5}", "/a", "x=5")]
    [InlineData("a/{*rest}", "/a/b//c/", "rest=b//c/")]
    [InlineData("a/{**rest}", "/a/b/c", "rest=b/c")]
    [InlineData("{*rest}", "//a", null)]
    [InlineData("a", "//a", null)]
    [InlineData("a/b", "/a//b", null)]
    [InlineData("a", "/A/", "")]
    [InlineData("{name}.{format?}", "/report.csv", "name=report format=csv")]
    [InlineData("{name}.{format?}", "/report", "name=report")]
    [InlineData("v{major:int}-{minor:int}", "/v1-2", "major=1 minor=2")]
    public void Other_parts_of_templates(string template, string path, string? values)
    {
        var found = Route(template).MatchPath(path);
        Assert.Equal(values, found is null ? null : string.Join(' ', found.Select(v => $"{v.Key}={v.Value}").OrderBy(v => template.IndexOf('{' + v.Split('=')[0], StringComparison.Ordinal))));
    }

    private static HttpRoute Route(string template)
    {
        var method = typeof(Functions).GetMethod(nameof(Functions.Run))!;
        var function = new FunctionDescriptor("f", method, TriggerKind.Http, new HttpTriggerAttribute { Route = template }, method.GetParameters()[0]);
        using var services = new ServiceCollection().AddLogging().AddRouting().BuildServiceProvider();
        return new HttpRoute(function, "", services.GetRequiredService<IInlineConstraintResolver>());
    }
}
