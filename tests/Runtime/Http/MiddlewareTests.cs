using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Hosting;

namespace DataPlatform.Local.Runtime.Tests.Http;

public sealed class MiddlewareTests
{
    public sealed class Functions
    {
        [Function("plain")]
        public IActionResult Plain([HttpTrigger("get")] HttpRequest request, FunctionContext context) =>
            new ContentResult { Content = "plain" + (context.Items.TryGetValue("seen", out var seen) ? $" {seen}" : "") };

        [Function("fails")]
        public IActionResult Fails([HttpTrigger("get")] HttpRequest request) => throw new InvalidOperationException("no");
    }

    public sealed class Outer : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            context.Items["seen"] = "outer";
            try
            {
                await next(context);
            }
            catch (InvalidOperationException exception)
            {
                var response = context.GetHttpContext()!.Response;
                response.StatusCode = 503;
                await response.WriteAsync($"caught {exception.Message}");
            }

            if (!context.GetHttpContext()!.Response.HasStarted)
            {
                context.GetHttpContext()!.Response.Headers["x-after"] = "set after next";
            }
        }
    }

    public sealed class Inner : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            context.Items["seen"] += " inner";
            return next(context);
        }
    }

    [Fact]
    public async Task Middleware_runs_in_the_order_it_was_added_and_may_set_headers_after_next()
    {
        await using var host = await StartAsync(builder => builder.UseMiddleware<Outer>().UseMiddleware<Inner>());
        using var response = await host.Http.GetAsync(new Uri("/plain", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("plain outer inner", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["set after next"], response.Headers.GetValues("x-after"));
    }

    [Fact]
    public async Task The_outermost_middleware_writes_the_error()
    {
        await using var host = await StartAsync(builder => builder.UseMiddleware<Outer>());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "caught no"), await host.Http.GetTextAsync("/fails"));
    }

    [Fact]
    public async Task Middleware_may_answer_without_next()
    {
        await using var host = await StartAsync(builder => builder.UseMiddleware((context, _) =>
        {
            context.GetHttpContext()!.Response.StatusCode = 429;
            return Task.CompletedTask;
        }));
        Assert.Equal((HttpStatusCode.TooManyRequests, ""), await host.Http.GetTextAsync("/plain"));
    }

    [Fact]
    public async Task Middleware_may_replace_the_result()
    {
        await using var host = await StartAsync(builder => builder.UseWhen(
            context => context.FunctionDefinition.Name == "plain",
            async (context, next) =>
            {
                await next();
                Assert.IsType<ContentResult>(context.GetInvocationResult().Value);
                context.GetInvocationResult().Value = new ContentResult { Content = "replaced", StatusCode = 299 };
            }));
        Assert.Equal(((HttpStatusCode)299, "replaced"), await host.Http.GetTextAsync("/plain"));
    }

    [Fact]
    public async Task A_result_of_another_type_is_200_without_a_body()
    {
        await using var host = await StartAsync(builder => builder.UseMiddleware((context, _) =>
        {
            context.GetInvocationResult().Value = "text";
            return Task.CompletedTask;
        }));
        Assert.Equal((HttpStatusCode.OK, ""), await host.Http.GetTextAsync("/plain"));
    }

    [Fact]
    public async Task An_exception_in_middleware_is_500_without_a_body()
    {
        await using var host = await StartAsync(builder => builder.UseMiddleware((_, _) => throw new InvalidOperationException("middleware")));
        Assert.Equal((HttpStatusCode.InternalServerError, ""), await host.Http.GetTextAsync("/plain"));
    }

    [Fact]
    public async Task Middleware_added_before_the_web_application_has_no_http_context()
    {
        await using var host = await TestHost.StartAsync(
            [typeof(Functions)],
            builder =>
            {
                builder.UseMiddleware((context, next) =>
                {
                    context.Items["seen"] = context.GetHttpContext() is null ? "nothing" : "context";
                    return next();
                });
                builder.ConfigureFunctionsWebApplication();
            },
            web: false);
        Assert.Equal("plain nothing", (await host.Http.GetTextAsync("/plain")).Body);
    }

    private static Task<TestHost> StartAsync(Action<FunctionsApplicationBuilder> configure) => TestHost.StartAsync([typeof(Functions)], configure);
}
