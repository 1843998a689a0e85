using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Http;

/// <summary>Pairs that both match one URL: the worker's half of the official host is ASP.NET Core's routing, which is asked here.</summary>
public sealed class AmbiguousRouteTests
{
    public static TheoryData<string, string[], string, string[], string, bool> Pairs => new()
    {
        { "x/{a:int}", ["get"], "x/{b:min(5)}", ["get"], "/x/7", true },
        { "x/{a:int}", ["get"], "x/{b:alpha}", ["get"], "/x/7", false },
        { "x/{a:int}", ["get"], "x/{b}", ["get"], "/x/7", false },
        { "x/{a:int}", ["get"], "x/{b:min(5)}", ["post"], "/x/7", false },
        { "x/{a:int}", ["get"], "x/{b:min(5)}", [], "/x/7", false },
        { "x/{a:int}", [], "x/{b:min(5)}", [], "/x/7", true },
        { "x/{a:length(3)}/y", ["get"], "x/{b:alpha}/Y", ["get", "post"], "/x/abc/y", true },
        { "x/{a:length(3)}/y", ["get"], "x/{b:alpha}/z", ["get"], "/x/abc/y", false },
        { "{a}/x", ["get"], "y/{b}", ["get"], "/y/x", false },
        { "x/{a:guid}", ["get"], "x/{b:minlength(10)}", ["get"], "/x/CD2C1638-1638-72D5-1638-DEADBEEF1638", true },
        { "x/{a:datetime}", ["get"], "x/{b:bool}", ["get"], "/x/true", false },
        { "x/{a}.{b}", ["get"], "x/report.{c}", ["get"], "/x/report.csv", true },
        { "x/{*rest}", ["get"], "x/{a}", ["get"], "/x/7", false },
        { "x/{*rest:minlength(2)}", ["get"], "x/{*other:maxlength(9)}", ["get"], "/x/abc", true },
        { "x/{a}", ["get"], "x/{b}", [], "/x/7", false },
        { "x/{a:int?}", ["get"], "x/{b:range(1,50)?}", ["get"], "/x/7", true },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_pair_is_refused_exactly_if_the_worker_could_not_decide(
        string first, string[] firstMethods, string second, string[] secondMethods, string path, bool ambiguous)
    {
        Assert.Equal(ambiguous, await BreaksRoutingAsync(first, firstMethods, second, secondMethods, path));
        var errors = new StartErrors();
        DataPlatform.Local.Runtime.Http.RouteConflicts.Check([Route("one", first, firstMethods), Route("two", second, secondMethods)], errors);
        Assert.Equal(ambiguous, errors.Any);
        if (ambiguous)
        {
            var reason = Assert.Single(Assert.Throws<StartException>(errors.ThrowIfAny).Reasons);
            Assert.StartsWith($"Function two: its route '{second}' and '{first}' of one both match /", reason, StringComparison.Ordinal);
        }
    }

    private static async Task<bool> BreaksRoutingAsync(string first, string[] firstMethods, string second, string[] secondMethods, string path)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        await using var app = builder.Build();
        Map(app, first, firstMethods);
        Map(app, second, secondMethods);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return (int)answer.StatusCode == 500;
    }

    private static void Map(IEndpointRouteBuilder app, string template, string[] methods) => app
        .Map(template, context => context.Response.WriteAsync("found"))
        .WithMetadata(new HttpMethodMetadata(methods));

    private static DataPlatform.Local.Runtime.Http.HttpRoute Route(string name, string template, string[] methods)
    {
        var method = typeof(Functions).GetMethod(nameof(Functions.Run))!;
        var function = new FunctionDescriptor(name, method, TriggerKind.Http, new HttpTriggerAttribute(methods) { Route = template }, method.GetParameters()[0]);
        using var services = new ServiceCollection().AddLogging().AddRouting().BuildServiceProvider();
        return new DataPlatform.Local.Runtime.Http.HttpRoute(function, "", services.GetRequiredService<IInlineConstraintResolver>());
    }

    public sealed class Functions
    {
        public void Run(HttpRequest request) => _ = request;
    }
}
