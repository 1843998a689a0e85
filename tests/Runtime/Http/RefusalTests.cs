using DataPlatform.Local.Runtime.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Http;

/// <summary>What the official host would break on does not start here.</summary>
public sealed class RefusalTests
{
    public interface IUnregistered;

    public sealed class Broken(RefusalTests.IUnregistered service)
    {
        [Function("slash")]
        public IActionResult Slash([HttpTrigger("get", Route = "/")] HttpRequest request) => Ok(service);

        [Function("empty")]
        public IActionResult Empty([HttpTrigger("get", Route = "")] HttpRequest request) => Ok(service);

        [Function("twin_one")]
        public IActionResult TwinOne([HttpTrigger("get", "post", Route = "twins/{a}")] HttpRequest request) => Ok(service);

        [Function("twin_two")]
        public IActionResult TwinTwo([HttpTrigger("post", Route = "TWINS/{b}")] HttpRequest request) => Ok(service);

        [Function("twin_put")]
        public IActionResult TwinPut([HttpTrigger("put", Route = "twins/{a}")] HttpRequest request) => Ok(service);

        [Function("returns_text")]
        public Task<string> ReturnsText([HttpTrigger("get")] HttpRequest request) => Task.FromResult($"{service}");

        [Function("number_route")]
        public IActionResult NumberRoute([HttpTrigger("get", Route = "n/{n:int}")] HttpRequest request, int n) => Ok(service);

        [Function("odd_parameter")]
        public IActionResult OddParameter([HttpTrigger("get")] HttpRequest request, string unknown) => Ok(service);

        [Function("client_unmarked")]
        public IActionResult ClientUnmarked([HttpTrigger("get")] HttpRequest request, DurableTaskClient client) => Ok(client);

        [Function("logger_parameter")]
        public IActionResult LoggerParameter([HttpTrigger("get")] HttpRequest request, ILogger log) => Ok(log);

        [Function("wrong_trigger_type")]
        public IActionResult WrongTriggerType([HttpTrigger("post")] Uri body) => Ok(body);

        [Function("admin_route")]
        public IActionResult AdminRoute([HttpTrigger("get", Route = "admin/x")] HttpRequest request) => Ok(service);

        [Function("runtime_route")]
        public IActionResult RuntimeRoute([HttpTrigger("get", Route = "runtimes/x")] HttpRequest request) => Ok(service);

        [Function("tilde")]
        public IActionResult Tilde([HttpTrigger("get", Route = "~/x")] HttpRequest request) => Ok(service);

        [Function("bad_template")]
        public IActionResult BadTemplate([HttpTrigger("get", Route = "a/{b")] HttpRequest request) => Ok(service);

        [Function("bad_constraint")]
        public IActionResult BadConstraint([HttpTrigger("get", Route = "a/{b:nonsense}")] HttpRequest request) => Ok(service);

        [Function("retried"), FixedDelayRetry(1, "00:00:01")]
        public IActionResult Retried([HttpTrigger("get")] HttpRequest request) => Ok(service);

        [Function("two triggers")]
        public IActionResult BadName([HttpTrigger("get")] HttpRequest request) => Ok(service);

        [Function("no_trigger")]
        public IActionResult NoTrigger(HttpRequest request) => Ok(request);

        [Function("fine")]
        public IActionResult Fine([HttpTrigger("get")] HttpRequest request) => Ok(service);

        [Function("FINE")]
        public IActionResult FineAgain([HttpTrigger("get")] HttpRequest request) => Ok(service);

        [Function("async_void")]
        public async void AsyncVoid([HttpTrigger("get")] HttpRequest request) => await Task.Yield();

        [Function("hidden")]
        internal IActionResult Hidden([HttpTrigger("get")] HttpRequest request) => Ok(service);

        private static OkObjectResult Ok(object? value) => new(value);
    }

    public sealed class Sound
    {
        [Function("sound")]
        public IResult Run([HttpTrigger("get")] HttpRequest request) => Results.Ok();
    }

    [Fact]
    public async Task All_errors_are_reported_together_with_name_problem_and_fix()
    {
        var exception = await Assert.ThrowsAsync<StartException>(() => TestHost.StartAsync(typeof(Broken)));
        string[] expected =
        [
            "Function slash: its route '/' starts with '/'",
            "Function empty: its route is empty",
            "Function twin_two: its route 'TWINS/{b}' is the same as that of twin_one, with a common method",
            "Function returns_text: it returns String, which the official host answers with 200 and an empty body; return IActionResult or IResult",
            "Function number_route: route parameter 'n' is Int32",
            "Function odd_parameter: nothing gives a value for parameter 'unknown' of type String",
            "Function client_unmarked: nothing gives a value for parameter 'client' of type DurableTaskClient; mark it with [DurableClient].",
            "Function logger_parameter: nothing gives a value for parameter 'log' of type ILogger; take ILogger<T> in the constructor",
            "Function wrong_trigger_type: its trigger parameter is Uri; take Microsoft.AspNetCore.Http.HttpRequest",
            "Function admin_route: its route 'admin/x' belongs to the host",
            "Function bad_template: its route 'a/{b' is not a route template",
            "Function bad_constraint: its route 'a/{b:nonsense}' is not a route template",
            "Function retried: it has a retry attribute, which the official build refuses on [HttpTriggerAttribute]",
            "Function runtime_route: its route 'runtimes/x' belongs to the host",
            "Function tilde: its route '~/x' starts with '~'",
            "Function two triggers: the name is not allowed",
            "Function no_trigger: it has 0 trigger parameters",
            "the name is used twice",
            "Function async_void: async void cannot be awaited; return Task",
            "Function hidden: " + typeof(Broken).FullName + ".Hidden is not public",
            "the constructor of Broken asks for what is not registered: IUnregistered",
        ];
        Assert.All(expected, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("twin_put", exception.Reasons.Where(r => r.Contains("same as", StringComparison.Ordinal)).Aggregate("", string.Concat), StringComparison.Ordinal);
    }

    public sealed class Misspelt
    {
        [Function("misspelt")]
        public IResult Run([HttpTrigger("gett", "post")] HttpRequest request) => Results.Ok();
    }

    [Fact]
    public async Task A_misspelt_method_is_told_and_does_not_keep_the_app_from_starting()
    {
        await using var host = await TestHost.StartAsync(typeof(Misspelt));
        Assert.Equal(["Function misspelt: 'gett' is no common HTTP method; did you mean GET."], host.Get<StartErrors>().Warnings);
    }

    [Fact]
    public async Task Http_functions_need_the_web_application()
    {
        var exception = await Assert.ThrowsAsync<StartException>(() => TestHost.StartAsync([typeof(Sound)], null, web: false));
        Assert.Contains("Function sound: the app does not use ASP.NET Core; call builder.ConfigureFunctionsWebApplication() in Program.cs.", exception.Message, StringComparison.Ordinal);
    }
}
